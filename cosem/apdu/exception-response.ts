/** exception-response (IEC 62056-5-3, clause 8.5): an APDU that could not be taken at all. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { apduTag } from "./tags.js";

export const stateError = { serviceNotAllowed: 1, serviceUnknown: 2 } as const;
export const serviceError = {
  operationNotPossible: 1,
  serviceNotSupported: 2,
  otherReason: 3,
  pduTooLong: 4,
  decipheringError: 5,
  invocationCounterError: 6,
} as const;

export interface ExceptionResponse {
  readonly stateError: number;
  readonly serviceError: number;
  /** With invocation-counter-error: the counter that was expected. */
  readonly invocationCounter: number | undefined;
}

/** @throws DecodeError */
export function decodeExceptionResponse(apdu: Uint8Array): ExceptionResponse {
  const reader = new ByteReader(apdu, "exception-response", 1);
  const state = reader.u8();
  const service = reader.u8();
  const hasCounter = service === serviceError.invocationCounterError && reader.remaining > 0;
  const invocationCounter = hasCounter ? reader.u32() : undefined;
  reader.expectEnd();
  return { stateError: state, serviceError: service, invocationCounter };
}

export function encodeExceptionResponse(exception: ExceptionResponse): Uint8Array {
  const writer = new ByteWriter(8).u8(apduTag.exceptionResponse).u8(exception.stateError).u8(exception.serviceError);
  if (exception.invocationCounter !== undefined) writer.u32(exception.invocationCounter);
  return writer.finish();
}
