/**
 * From push_protection_parameters of Push setup to the form of the protected APDU. Elements stand in the order in which
 * they are applied: one ciphering and one signature at most, in either order, as there is for every other message.
 */
import { authenticatedEncryption, protectionBit } from "../security/suite.js";
import type { GeneralCipheringForm, GeneralKeyChoice, ProtectionForm, SigningForm } from "./protection.js";

/** One element; its shape is that of the class's declaration. */
export interface PushProtectionParameters {
  /** 0 authentication, 1 encryption, 2 both, 3 digital signature. */
  readonly protectionType: 0 | 1 | 2 | 3;
  readonly protectionOptions: {
    readonly transactionId: Uint8Array;
    readonly originatorSystemTitle: Uint8Array;
    readonly recipientSystemTitle: Uint8Array;
    readonly otherInformation: Uint8Array;
    readonly keyInfo: {
      readonly options:
        | { readonly choice: "identified"; readonly value: number }
        | { readonly choice: "wrapped"; readonly value: { readonly keyCipheredData: Uint8Array } }
        | { readonly choice: "agreed"; readonly value: { readonly keyParameters: Uint8Array } };
    };
  };
}

export interface PushProtectionForm {
  readonly form: ProtectionForm;
  /** Sum of `protectionBit`. */
  readonly protection: number;
}

const signature = 3;
const bitsOfType = { 0: protectionBit.authenticated, 1: protectionBit.encrypted, 2: authenticatedEncryption } as const;
const onePassParameters = 1;
const staticParameters = 2;

/**
 * @param policy  protection bits that the security policy asks of what we send, where no element says it
 * @param ownTitle  stands where an element names no originator
 * @returns "plain": nothing is asked for. Undefined: there is no such protection, and nothing may be sent.
 */
export function pushProtectionForm(
  elements: readonly PushProtectionParameters[],
  policy: number,
  ownTitle: Uint8Array,
): PushProtectionForm | "plain" | undefined {
  const ciphering = elements.filter(({ protectionType }) => protectionType !== signature);
  const signing = elements.filter(({ protectionType }) => protectionType === signature);
  if (ciphering.length > 1 || signing.length > 1) return undefined;
  if (elements.length === 0) return byPolicy(policy);
  const [cipher] = ciphering;
  const [signer] = signing;
  if (cipher === undefined || cipher.protectionType === signature) {
    if (signer === undefined) return undefined;
    return atLeast(policy, { form: signingForm(signer, ownTitle, undefined), protection: protectionBit.signed });
  }
  const bits = bitsOfType[cipher.protectionType];
  const form = cipheringForm(cipher, ownTitle);
  if (form === undefined) return undefined;
  if (signer === undefined) return atLeast(policy, { form, protection: bits });
  const isSignedFirst = elements[0] === signer;
  const both = isSignedFirst
    ? { ...form, inner: signingForm(signer, ownTitle, undefined) }
    : signingForm(signer, ownTitle, form);
  return atLeast(policy, { form: both, protection: bits | protectionBit.signed });
}

/** Parameters add to the policy; they do not get round it. */
function atLeast(policy: number, made: PushProtectionForm): PushProtectionForm | undefined {
  return (made.protection & policy) === policy ? made : undefined;
}

/** A policy is served by general-glo-ciphering: the receiver has no association by which it could know the sender. */
function byPolicy(policy: number): PushProtectionForm | "plain" | undefined {
  if (policy === 0) return "plain";
  return (policy & protectionBit.signed) === 0 ? { form: { kind: "generalGlo" }, protection: policy } : undefined;
}

function headerOf({ protectionOptions }: PushProtectionParameters, ownTitle: Uint8Array) {
  const { transactionId, originatorSystemTitle, recipientSystemTitle, otherInformation } = protectionOptions;
  return {
    transactionId,
    originatorSystemTitle: originatorSystemTitle.length === 0 ? ownTitle : originatorSystemTitle,
    recipientSystemTitle,
    dateTime: new Uint8Array(0),
    otherInformation,
  };
}

function signingForm(
  element: PushProtectionParameters,
  ownTitle: Uint8Array,
  inner: ProtectionForm | undefined,
): SigningForm {
  return { kind: "generalSigning", header: headerOf(element, ownTitle), inner };
}

function cipheringForm(element: PushProtectionParameters, ownTitle: Uint8Array): GeneralCipheringForm | undefined {
  const key = keyChoice(element);
  return key && { kind: "generalCiphering", header: headerOf(element, ownTitle), key };
}

/** Wrapped: a fresh key goes with each message, or the one that is given is sent again. */
function keyChoice({ protectionOptions }: PushProtectionParameters): GeneralKeyChoice | undefined {
  const { options } = protectionOptions.keyInfo;
  switch (options.choice) {
    case "identified":
      return { kind: options.value === 1 ? "broadcast" : "unicast" };
    case "wrapped": {
      const wrappedKey = options.value.keyCipheredData;
      const reuse = wrappedKey.length === 0 ? undefined : ({ kind: "wrapped", kekId: 0, wrappedKey } as const);
      return { kind: "wrapped", reuse };
    }
    case "agreed": {
      const { keyParameters } = options.value;
      if (keyParameters.length !== 1) return undefined;
      if (keyParameters[0] === onePassParameters) return { kind: "onePass" };
      return keyParameters[0] === staticParameters ? { kind: "static" } : undefined;
    }
  }
}
