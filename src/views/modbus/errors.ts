import type { Refusal } from "../../../cosem/index.js";

/** Exception codes of the MODBUS Application Protocol V1.1b3, clause 7. */
export const illegalFunction = 0x01;
export const illegalDataAddress = 0x02;
export const illegalDataValue = 0x03;
export const serverDeviceFailure = 0x04;
export const serverDeviceBusy = 0x06;
export const gatewayTargetFailedToRespond = 0x0b;

/** Total: a new refusal does not compile until it has its code. */
export const exceptionCodeFor = {
  objectUndefined: illegalDataAddress,
  objectClassInconsistent: illegalDataAddress,
  objectUnavailable: illegalDataAddress,
  readWriteDenied: illegalFunction,
  scopeOfAccessViolated: illegalFunction,
  typeUnmatched: illegalDataValue,
  temporaryFailure: serverDeviceBusy,
  dataBlockUnavailable: serverDeviceBusy,
  hardwareFault: serverDeviceFailure,
  otherReason: serverDeviceFailure,
} as const satisfies Record<Refusal, number>;
