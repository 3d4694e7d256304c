import { encodeRefusal, type Responder } from "./aare-answers.js";
import type { AssociationPolicy, RefusalReason } from "./association-policy.js";

/** An AARQ that is turned down. */
export interface Refusal {
  readonly accepted: false;
  readonly reason: RefusalReason;
  /** Undefined: nothing is due to the client. */
  readonly aare: Uint8Array | undefined;
}

export function responderOf({ applicationContext: context, systemTitle, security }: Responding): Responder {
  return { applicationContext: context, systemTitle: security?.ownTitle ?? systemTitle };
}

type Responding = Pick<AssociationPolicy, "applicationContext"> & Partial<AssociationPolicy>;

/** @param diagnostic  of the ACSE service user */
export function refuse(
  policy: Responding,
  reason: RefusalReason,
  diagnostic: number,
  userInformation?: Uint8Array,
): Refusal {
  return { accepted: false, reason, aare: encodeRefusal(responderOf(policy), diagnostic, userInformation) };
}
