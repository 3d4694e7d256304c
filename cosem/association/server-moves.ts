/** What an APDU is by its first byte, and what is done with it in each state of an association. */
import { isProtectedTag } from "../apdu/ciphering.js";
import { conformanceBit } from "../apdu/conformance.js";
import { apduTag } from "../apdu/tags.js";

export type ServiceKind = "get" | "set" | "action" | "access";
export type ApduKind = ServiceKind | "aarq" | "rlrq" | "block" | "protected" | "other";
export type AssociationState = "idle" | "pending" | "open";
export type Move =
  | ServiceKind
  | "negotiate"
  | "release"
  | "block"
  | "unprotect"
  | "authenticate"
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
} as const satisfies Record<ServiceKind, number>;

export function isService(kind: ApduKind): kind is ServiceKind {
  return kind === "get" || kind === "set" || kind === "action" || kind === "access";
}

/** The request goes on with a transfer that an earlier one began: GET next, and blocks of SET and ACTION but the first. */
export function isContinuation(apdu: Uint8Array): boolean {
  const choice = apdu[1];
  switch (apdu[0]) {
    case apduTag.getRequest:
      return choice === 2;
    case apduTag.setRequest:
      return choice === 3;
    case apduTag.actionRequest:
      return choice === 2 || choice === 6;
    default:
      return false;
  }
}
