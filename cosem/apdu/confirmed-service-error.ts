/** confirmed-service-error (IEC 62056-5-3, clause 8.5), as an AARE carries it when initiate fails. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { apduTag } from "./tags.js";

export interface ConfirmedServiceError {
  /** Which service failed: 1 initiate, 5 read, 6 write. */
  readonly service: number;
  /** Class of ServiceError: 6 initiate. */
  readonly errorClass: number;
  readonly value: number;
}

/** Choices of confirmed-service-error that COSEM uses. */
export const confirmedService = { initiate: 1, read: 5, write: 6 } as const;

/** Choices of ServiceError. */
export const errorClass = {
  applicationReference: 0,
  hardwareResource: 1,
  vdeState: 2,
  service: 3,
  definition: 4,
  access: 5,
  initiate: 6,
} as const;

/** Values of the class `initiate`. */
export const initiateError = { dlmsVersionTooLow: 1, incompatibleConformance: 2, pduSizeTooShort: 3 } as const;
export type InitiateError = (typeof initiateError)[keyof typeof initiateError];

/** @throws DecodeError */
export function decodeConfirmedServiceError(apdu: Uint8Array): ConfirmedServiceError {
  const reader = new ByteReader(apdu, "confirmed-service-error");
  if (reader.u8() !== apduTag.confirmedServiceError) reader.fail("unknownTag", undefined, 0);
  const error = { service: reader.u8(), errorClass: reader.u8(), value: reader.u8() };
  reader.expectEnd();
  return error;
}

export function encodeConfirmedServiceError(error: ConfirmedServiceError): Uint8Array {
  return new ByteWriter(4)
    .u8(apduTag.confirmedServiceError)
    .u8(error.service)
    .u8(error.errorClass)
    .u8(error.value)
    .finish();
}
