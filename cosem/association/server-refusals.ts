/** Requests that get no service: which exception answers them, and why in words. */
import { cipheringTag } from "../apdu/ciphering.js";
import { isSnContext } from "./aare-answers.js";
import type { AssociationPolicy } from "./association-policy.js";
import type { UnprotectResult } from "./protection.js";
import type { AssociationEvent } from "./server-events.js";
import { isShortNameService, rejectShortNames } from "./server-sn-refusals.js";
import { reject, rejectCounter } from "./service-context.js";

export function notAssociated(): readonly AssociationEvent[] {
  return reject("notAssociated", "no association is open");
}

export function underProtected(): readonly AssociationEvent[] {
  return reject("notAssociated", "less protection than is wanted");
}

export function tooLong(apdu: Uint8Array): readonly AssociationEvent[] {
  if (isShortNameService(apdu[0])) return rejectShortNames(apdu[0], "pduSize", `${apdu.length} bytes`);
  return reject("pduTooLong", `${apdu.length} bytes`);
}

/** @param service  its name, for the log */
export function notNegotiated(
  service: string,
  apdu: Uint8Array,
  { applicationContext: context }: Pick<AssociationPolicy, "applicationContext">,
): readonly AssociationEvent[] {
  const detail = `${service} was not negotiated`;
  const isByShortName = isSnContext(context) && isShortNameService(apdu[0]);
  return isByShortName ? rejectShortNames(apdu[0], "notSupported", detail) : reject("notSupported", detail);
}

/** ded- of each service, and general-ded-ciphering. */
export function isDedicatedTag(tag: number | undefined): boolean {
  if (tag === undefined) return false;
  return tag === cipheringTag.generalDedCiphering || (tag >= 0xd0 && tag <= 0xd7) || (tag >= 0x41 && tag <= 0x58);
}

/** What cannot be deciphered is told apart from what is not allowed; the expected counter is told. */
export function refuseProtected(result: Extract<UnprotectResult, { ok: false }>): readonly AssociationEvent[] {
  switch (result.reason) {
    case "replay":
      return rejectCounter(result.expectedCounter ?? 0, "invocation counter not greater than the last");
    case "counterExhausted":
      return rejectCounter(0xffffffff, "the client's invocation counter is used up");
    case "malformed":
    case "notProtected":
    case "tooWeak":
    case "wrongSuite":
    case "compressed":
    case "wrongKeySet":
    case "wrongService":
      return reject("notSupported", `protected APDU refused: ${result.reason}`);
    case "noBroadcastKey":
    case "noDedicatedKey":
    case "unknownKey":
    case "badKey":
    case "unknownTitle":
    case "badTag":
    case "badSignature":
      return reject("deciphering", `protected APDU refused: ${result.reason}`);
  }
}
