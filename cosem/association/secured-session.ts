/**
 * The protection of one association at the server: what its requests must have, and in which form answers go out. The
 * keys are those of the moment at which it was opened; the policy is read at each message.
 */

import type { EncryptionKeyKind, KeyRing, SecurityContext } from "../security/key-ring.js";
import { authenticatedEncryption, protectionBit, suiteAlgorithms } from "../security/suite.js";
import { SymmetricKey } from "../security/symmetric-key.js";
import { type AssociationSecurity, requestProtection, responseProtection } from "./association-security.js";
import { createProtection } from "./create-protection.js";
import type { Protection, ProtectionForm, Unprotected, UnprotectResult } from "./protection.js";
import { answerForm, generalHeader, simpleForms } from "./protection-forms.js";

/** How an answer goes out. */
export interface AnswerProtection {
  readonly form: ProtectionForm;
  /** Sum of `protectionBit`. */
  readonly bits: number;
}

const noTransaction = new Uint8Array(8);

export class SecuredSession {
  readonly context: SecurityContext;
  readonly peerTitle: Uint8Array;
  private readonly security: AssociationSecurity;
  private readonly protection: Protection;
  private dedicatedKey: SymmetricKey | undefined;

  constructor(security: AssociationSecurity, keys: KeyRing, peerTitle: Uint8Array) {
    this.security = security;
    this.peerTitle = peerTitle;
    this.dedicatedKey = undefined;
    const { ownTitle, counters, random } = security;
    const held = heldKeys(keys, () => this.dedicatedKey);
    this.context = { keys: held, counters, ownTitle, peerTitle, random };
    this.protection = createProtection(this.context);
  }

  /** False where the key has another length than the suite wants. */
  takeDedicatedKey(key: Uint8Array): boolean {
    if (key.length !== suiteAlgorithms[this.context.keys.suite].keyLength) return false;
    this.dedicatedKey = new SymmetricKey(key, true);
    return true;
  }

  /** Protection bits that a request must have by the policy of this moment. */
  get required(): number {
    return requestProtection(this.security.securityPolicy);
  }

  /** For the InitiateRequest of AARQ and RLRQ, which carries no signature. */
  get requiredOfInitiate(): number {
    return this.required & authenticatedEncryption;
  }

  open(apdu: Uint8Array, required: number): UnprotectResult {
    return this.protection.unprotect(apdu, required);
  }

  /** @returns undefined where the answer goes out plain; that is decided when the request comes */
  answerTo(request: Unprotected | undefined): AnswerProtection | undefined {
    return this.answerWith(request, responseProtection(this.security.securityPolicy));
  }

  /** The InitiateResponse carries no signature. */
  answerToInitiate(request: Unprotected | undefined): AnswerProtection | undefined {
    return this.answerWith(request, responseProtection(this.security.securityPolicy) & authenticatedEncryption);
  }

  private answerWith(request: Unprotected | undefined, wanted: number): AnswerProtection | undefined {
    if (request === undefined) return wanted === 0 ? undefined : this.strengthened(undefined, wanted);
    const answer = { form: answerForm(request.form), bits: request.protection };
    return this.strengthened(answer, wanted);
  }

  /** At least `bits` more. The form grows a ciphering or a signature where it has none. */
  strengthened(answer: AnswerProtection | undefined, bits: number): AnswerProtection {
    const all = (answer?.bits ?? 0) | bits;
    const isCiphered = (all & authenticatedEncryption) !== 0;
    let form: ProtectionForm = answer?.form ?? simpleForms.glo;
    if (form.kind === "generalSigning" && form.inner === undefined && isCiphered) {
      form = { ...form, inner: simpleForms.glo };
    }
    if ((all & protectionBit.signed) !== 0 && !isSigned(form)) {
      const header = generalHeader(noTransaction, this.context.ownTitle, this.peerTitle);
      form = { kind: "generalSigning", header, inner: isCiphered ? form : undefined };
    }
    return { form, bits: all };
  }

  /** @returns undefined where it could not be protected, for want of a key or of counters */
  close(apdu: Uint8Array, { form, bits }: AnswerProtection, mayUseGeneral: boolean): Uint8Array | undefined {
    const result = this.protection.protect(apdu, form, bits);
    if (result.ok) return result.apdu;
    if (result.reason !== "noSuchForm" || !mayUseGeneral) return undefined;
    const general = form.kind === "ded" ? simpleForms.generalDed : simpleForms.generalGlo;
    const again = this.protection.protect(apdu, general, bits);
    return again.ok ? again.apdu : undefined;
  }

  /** The longest plain answer that still fits when its protection grows to tag and encryption. */
  maxPlainLength({ form, bits }: AnswerProtection, maxLength: number): number {
    return this.protection.maxPlainLength(form, bits | protectionBit.authenticated, maxLength);
  }
}

function isSigned(form: ProtectionForm): boolean {
  switch (form.kind) {
    case "generalSigning":
      return true;
    case "glo":
    case "ded":
      return false;
    default:
      return "inner" in form && form.inner !== undefined;
  }
}

/** The keys of this moment: a key that is changed meanwhile counts from the next association on. */
function heldKeys(keys: KeyRing, dedicatedKey: () => SymmetricKey | undefined): KeyRing {
  const unicast = keys.encryptionKey("unicast");
  const broadcast = keys.encryptionKey("broadcast");
  const encryptionKey = (which: EncryptionKeyKind) => {
    if (which === "unicast") return unicast;
    return which === "broadcast" ? broadcast : dedicatedKey();
  };
  const { suite, authenticationKey, masterKey, ownSigningKey, peerSigningKey, ownAgreementKey, peerAgreementKey } =
    keys;
  return {
    suite,
    encryptionKey,
    authenticationKey,
    masterKey,
    ownSigningKey,
    peerSigningKey,
    ownAgreementKey,
    peerAgreementKey,
  };
}
