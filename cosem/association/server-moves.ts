/** What an APDU is by its first byte, and what is done with it in each state of an association. */
import { isProtectedTag } from "../apdu/ciphering.js";
import { conformanceBit } from "../apdu/conformance.js";
import { apduTag } from "../apdu/tags.js";

export type ShortNameKind = "read" | "write" | "unconfirmedWrite";
export type ServiceKind = "get" | "set" | "action" | "access" | ShortNameKind;
export type ApduKind = ServiceKind | "aarq" | "rlrq" | "block" | "protected" | "other";
export type AssociationState = "idle" | "pending" | "open";
export type Move =
  | ServiceKind
  | "negotiate"
  | "release"
  | "block"
  | "unprotect"
  | "authenticate"
  /** Nothing is due to an unconfirmed request. */
  | "ignore"
  | "notAssociated"
  | "notSupported";

/** pending: passes 3 and 4 of a high level authentication are still to come, and nothing else is open. */
export const moves = {
  idle: {
    aarq: "negotiate",
    rlrq: "notAssociated",
    get: "notAssociated",
    set: "notAssociated",
    action: "notAssociated",
    access: "notAssociated",
    read: "notAssociated",
    write: "notAssociated",
    unconfirmedWrite: "ignore",
    block: "notAssociated",
    protected: "notAssociated",
    other: "notAssociated",
  },
  pending: {
    aarq: "negotiate",
    rlrq: "release",
    get: "notAssociated",
    set: "notAssociated",
    action: "authenticate",
    access: "notAssociated",
    read: "authenticate",
    write: "notAssociated",
    unconfirmedWrite: "ignore",
    block: "notAssociated",
    protected: "unprotect",
    other: "notAssociated",
  },
  open: {
    aarq: "negotiate",
    rlrq: "release",
    get: "get",
    set: "set",
    action: "action",
    access: "access",
    read: "read",
    write: "write",
    unconfirmedWrite: "unconfirmedWrite",
    block: "block",
    protected: "unprotect",
    other: "notSupported",
  },
} as const satisfies Record<AssociationState, Record<ApduKind, Move>>;

export function kindOf(tag: number | undefined): ApduKind {
  switch (tag) {
    case apduTag.getRequest:
      return "get";
    case apduTag.setRequest:
      return "set";
    case apduTag.actionRequest:
      return "action";
    case apduTag.accessRequest:
      return "access";
    case apduTag.readRequest:
      return "read";
    case apduTag.writeRequest:
      return "write";
    case apduTag.unconfirmedWriteRequest:
      return "unconfirmedWrite";
    case apduTag.aarq:
      return "aarq";
    case apduTag.rlrq:
      return "rlrq";
    case apduTag.generalBlockTransfer:
      return "block";
    default:
      return isProtectedTag(tag) ? "protected" : "other";
  }
}

/** Which bit of the conformance block a service needs. */
export const serviceBit = {
  get: conformanceBit.get,
  set: conformanceBit.set,
  action: conformanceBit.action,
  access: conformanceBit.access,
  read: conformanceBit.read,
  write: conformanceBit.write,
  unconfirmedWrite: conformanceBit.unconfirmedWrite,
} as const satisfies Record<ServiceKind, number>;

export function isService(kind: ApduKind): kind is ServiceKind {
  return Object.hasOwn(serviceBit, kind);
}

/**
 * The request goes on with a transfer that an earlier one began: GET next and READ of a block number, and blocks of
 * requests but the first.
 */
export function isContinuation(apdu: Uint8Array): boolean {
  const choice = apdu[1];
  switch (apdu[0]) {
    case apduTag.getRequest:
      return choice === 2;
    case apduTag.setRequest:
      return choice === 3;
    case apduTag.actionRequest:
      return choice === 2 || choice === 6;
    case apduTag.readRequest:
      return choice === 1 && (apdu[2] === 5 || (apdu[2] === 6 && !isFirstBlock(apdu)));
    case apduTag.writeRequest:
      return choice === 1 && apdu[2] === 7 && !isFirstBlock(apdu);
    default:
      return false;
  }
}

/** Of a READ or WRITE with one block: the number has 16 bits, behind last-block. */
function isFirstBlock(apdu: Uint8Array): boolean {
  return apdu[4] === 0 && apdu[5] === 1;
}
