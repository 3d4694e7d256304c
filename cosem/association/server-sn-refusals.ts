/** confirmed-service-error of READ and WRITE: a request that could not be taken at all (IEC 62056-5-3, clause 8.5). */
import { confirmedService, encodeConfirmedServiceError, errorClass } from "../apdu/confirmed-service-error.js";
import { apduTag } from "../apdu/tags.js";
import type { AssociationEvent } from "./server-events.js";

/** Class and value of ServiceError. */
const errors = {
  /** application-reference, other: the request is broken. */
  malformed: { errorClass: errorClass.applicationReference, value: 0 },
  /** service, pdu-size. */
  pduSize: { errorClass: errorClass.service, value: 1 },
  /** service, service-unsupported. */
  notSupported: { errorClass: errorClass.service, value: 2 },
} as const;

export type ShortNameFault = keyof typeof errors;

export function isShortNameService(tag: number | undefined): boolean {
  return tag === apduTag.readRequest || tag === apduTag.writeRequest || tag === apduTag.unconfirmedWriteRequest;
}

/** @param tag  of the request: nothing answers an unconfirmed one. @param detail  in words, for the log */
export function rejectShortNames(
  tag: number | undefined,
  fault: ShortNameFault,
  detail: string,
): readonly AssociationEvent[] {
  const rejected: AssociationEvent = { kind: "rejected", detail };
  if (tag === apduTag.unconfirmedWriteRequest) return [rejected];
  const service = tag === apduTag.writeRequest ? confirmedService.write : confirmedService.read;
  return [{ kind: "send", apdu: encodeConfirmedServiceError({ service, ...errors[fault] }) }, rejected];
}
