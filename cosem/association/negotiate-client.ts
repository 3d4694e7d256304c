/** Who wants to open an association: mechanism and password, title and keys, challenge. */
import { userDiagnostic } from "../apdu/aare.js";
import type { Aarq } from "../apdu/aarq.js";
import { authenticationMechanism, authenticationMechanismOf } from "../apdu/object-identifiers.js";
import { challengeFault, type HlsExchange, isHlsMechanism, needsSystemTitle } from "../security/hls.js";
import { type KeyRing, noKeys } from "../security/key-ring.js";
import { createMemoryCounters } from "../security/memory-counters.js";
import { isCipheredContext } from "./aare-answers.js";
import type { AssociationPolicy } from "./association-policy.js";
import { type Refusal, refuse } from "./refusal.js";
import { ownChallengeLength } from "./server-hls.js";

/** Undefined where the mechanism is the wanted one and, with a password, the client is who it says. */
export function authenticate(aarq: Aarq, policy: AssociationPolicy): Refusal | undefined {
  const offered = offeredMechanism(aarq);
  if (offered === authenticationMechanism.none && policy.mechanism !== authenticationMechanism.none) {
    return refuse(policy, "mechanismRequired", userDiagnostic.authenticationMechanismNameRequired);
  }
  if (offered !== policy.mechanism || !isMechanismServed(policy)) {
    return refuse(policy, "mechanismNotRecognised", userDiagnostic.authenticationMechanismNameNotRecognised);
  }
  if (policy.mechanism !== authenticationMechanism.low) return undefined;
  const password = aarq.callingAuthenticationValue;
  const isRight = policy.secret?.equals(password ?? new Uint8Array(0)) === true && password !== undefined;
  return isRight ? undefined : refuse(policy, "wrongPassword", userDiagnostic.authenticationFailure);
}

function isMechanismServed({ mechanism, security, random }: AssociationPolicy): boolean {
  if (mechanism <= authenticationMechanism.low) return true;
  if (!isHlsMechanism(mechanism) || (random ?? security?.random) === undefined) return false;
  return security !== undefined || !needsSystemTitle(mechanism);
}

/** Without the authentication functional unit the mechanism and its value do not count. */
function offeredMechanism(aarq: Aarq): number | undefined {
  if (!aarq.requiresAuthentication || aarq.mechanismName === undefined) return authenticationMechanism.none;
  return authenticationMechanismOf(aarq.mechanismName);
}

export interface Identity {
  readonly peerTitle: Uint8Array;
  readonly keys: KeyRing | undefined;
}

const noTitle = new Uint8Array(0);
const titleLength = 8;

/** The client's title and keys; a title is wanted in ciphered contexts and with GMAC, SHA-256 and ECDSA. */
export function identify(aarq: Aarq, policy: AssociationPolicy): Identity | Refusal {
  const { security } = policy;
  const isWanted = isCipheredContext(policy.applicationContext) || needsSystemTitle(policy.mechanism);
  if (!isWanted || security === undefined) return { peerTitle: noTitle, keys: undefined };
  const named = aarq.callingApTitle;
  const isRight =
    named?.length === titleLength &&
    !areEqual(named, security.ownTitle) &&
    (security.peerTitle === undefined || areEqual(named, security.peerTitle));
  const peerTitle = isRight ? new Uint8Array(named) : undefined;
  const keys = peerTitle === undefined ? undefined : security.keys(peerTitle);
  if (peerTitle === undefined || keys === undefined) {
    return refuse(policy, "unknownTitle", userDiagnostic.callingApTitleNotRecognized);
  }
  return { peerTitle, keys };
}

/** Undefined without a high level mechanism. */
export function challenge(
  aarq: Aarq,
  policy: AssociationPolicy,
  identity: Identity,
): HlsExchange | Refusal | undefined {
  const { mechanism, security, secret } = policy;
  if (!isHlsMechanism(mechanism)) return undefined;
  const random = security?.random ?? policy.random;
  const peerChallenge = new Uint8Array(aarq.callingAuthenticationValue ?? noTitle);
  const ownChallenge = random?.(ownChallengeLength) ?? noTitle;
  if (challengeFault(ownChallenge, peerChallenge) !== undefined) {
    return refuse(policy, "badChallenge", userDiagnostic.authenticationFailure);
  }
  return {
    mechanism,
    secret,
    keys: identity.keys ?? noKeys,
    counters: security?.counters ?? noCounters,
    ownTitle: security?.ownTitle ?? noTitle,
    peerTitle: identity.peerTitle,
    ownChallenge,
    peerChallenge,
  };
}

const noCounters = createMemoryCounters();

/** Of titles, which are public. */
function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, index) => octet === right[index]);
}
