/**
 * Opening a protected APDU. Order for each ciphering layer: form, control byte, key, tag, counter, service inside; only
 * then the stored counter moves. One ciphering and one signature may stand around each other.
 */
import { type CipheredApdu, cipheringTag, decodeCipheredApdu, isProtectedTag } from "../apdu/ciphering.js";
import { decodeGeneralCiphering, encodeGeneralHeader, type GeneralHeader } from "../apdu/general-ciphering.js";
import { decodeGeneralSigning, signedOctets } from "../apdu/general-signing.js";
import { DecodeError } from "../codec/bytes.js";
import { systemTitleLength } from "../security/gcm.js";
import type { SecurityContext } from "../security/key-ring.js";
import { counterOf, openText, sealHeaderLength, sealOverhead } from "../security/sealed-text.js";
import { verifyOctets } from "../security/signature.js";
import { authenticatedEncryption, protectionBit, protectionOf, securityControlBit } from "../security/suite.js";
import type { SymmetricKey } from "../security/symmetric-key.js";
import { receivedKey } from "./general-keys.js";
import type {
  Protection,
  ProtectionForm,
  SigningForm,
  Unprotected,
  UnprotectRefusal,
  UnprotectResult,
} from "./protection.js";
import { simpleForms } from "./protection-forms.js";

const lastCounter = 0xffffffff;
const suiteBits = 0x0f;

/** Remembers one thing only: the last counter under the dedicated key, which lives as long as its association. */
export function createUnprotect(context: SecurityContext): Protection["unprotect"] {
  const opener = new Opener(context);
  return (apdu, required = 0) => {
    try {
      return opener.open(apdu, required);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return refuse("malformed");
    }
  };
}

/** A ciphering layer, ready to be opened. */
interface Layer {
  readonly content: Uint8Array;
  readonly key: SymmetricKey;
  readonly title: Uint8Array;
  readonly header: Uint8Array | undefined;
  readonly plainTag: number | undefined;
  readonly form: Exclude<ProtectionForm, SigningForm>;
  readonly isDedicated: boolean;
  readonly isBroadcast: boolean;
}

class Opener {
  private readonly context: SecurityContext;
  private dedicatedKey: SymmetricKey | undefined;
  private dedicatedCounter: number | undefined;

  constructor(context: SecurityContext) {
    this.context = context;
    this.dedicatedKey = undefined;
    this.dedicatedCounter = undefined;
  }

  open(apdu: Uint8Array, required: number): UnprotectResult {
    const isSigned = apdu[0] === cipheringTag.generalSigning;
    const opened = isSigned ? this.openSigned(apdu, required, true) : this.openCiphered(apdu, required, true);
    if (opened.ok && (required & ~opened.protection) !== 0) return refuse("tooWeak");
    return opened;
  }

  private openCiphered(apdu: Uint8Array, required: number, maySign: boolean): UnprotectResult {
    const isGeneral = apdu[0] === cipheringTag.generalCiphering;
    const layer = isGeneral ? this.generalLayer(apdu) : this.plainLayer(decodeCipheredApdu(apdu));
    if (!("content" in layer)) return layer;
    const protection = protectionOf(layer.content[0] ?? 0);
    if ((required & authenticatedEncryption & ~protection) !== 0) return refuse("tooWeak");
    const opened = this.openLayer(layer, protection);
    if (!opened.ok || !isProtectedTag(opened.apdu[0])) return opened;
    return this.openSignedInside(opened, layer, maySign);
  }

  /** Undoes what is between the layer's key and its plain text. */
  private openLayer(layer: Layer, protection: number): UnprotectResult {
    const { content, key, title, header, form, isBroadcast } = layer;
    const { authenticationKey } = this.context.keys;
    const isAuthenticated = (protection & protectionBit.authenticated) !== 0;
    if (isAuthenticated && authenticationKey === undefined) return refuse("unknownKey");
    const plain = openText(content, { encryptionKey: key, authenticationKey, title, header });
    if (plain === undefined) return refuse("badTag");
    const counter = counterOf(content);
    const last = this.lastReceived(layer);
    if (last !== undefined && counter <= last) {
      return last === lastCounter ? refuse("counterExhausted") : refuse("replay", last + 1);
    }
    const isSameService = layer.plainTag === undefined ? plain.length > 0 : plain[0] === layer.plainTag;
    if (!isSameService) return refuse("wrongService");
    this.accept(layer, counter);
    return { ok: true, apdu: plain, protection, counter, title, isBroadcast, form };
  }

  private openSignedInside(outer: Unprotected, layer: Layer, maySign: boolean): UnprotectResult {
    const { form } = layer;
    const isAllowed = maySign && outer.apdu[0] === cipheringTag.generalSigning;
    if (!isAllowed || form.kind === "glo" || form.kind === "ded") return refuse("wrongService");
    const inner = this.openSigned(outer.apdu, 0, false);
    if (!inner.ok) return inner;
    if (inner.form.kind !== "generalSigning" || !areEqual(inner.title, outer.title)) return refuse("unknownTitle");
    const whole =
      form.kind === "generalCiphering" ? { ...form, inner: inner.form } : { kind: form.kind, inner: inner.form };
    return { ...outer, apdu: inner.apdu, protection: outer.protection | inner.protection, form: whole };
  }

  private openSigned(apdu: Uint8Array, required: number, mayCipher: boolean): UnprotectResult {
    const signing = decodeGeneralSigning(apdu);
    const title = this.titleOf(signing.originatorSystemTitle);
    if (title === undefined || !this.isForUs(signing.recipientSystemTitle)) return refuse("unknownTitle");
    const key = this.context.keys.peerSigningKey;
    if (key === undefined) return refuse("unknownKey");
    if (!verifyOctets(key, signedOctets(signing, signing.content), signing.signature)) return refuse("badSignature");
    const header = copyOf(signing);
    if (!isProtectedTag(signing.content[0])) {
      if (signing.content.length === 0) return refuse("wrongService");
      const form = { kind: "generalSigning", header, inner: undefined } as const;
      const { signed } = protectionBit;
      return {
        ok: true,
        apdu: signing.content,
        protection: signed,
        counter: undefined,
        title,
        isBroadcast: false,
        form,
      };
    }
    if (!mayCipher || signing.content[0] === cipheringTag.generalSigning) return refuse("wrongService");
    const inner = this.openCiphered(signing.content, required, false);
    if (!inner.ok) return inner;
    if (!areEqual(inner.title, title)) return refuse("unknownTitle");
    const form = { kind: "generalSigning", header, inner: inner.form } as const;
    return { ...inner, protection: inner.protection | protectionBit.signed, form };
  }

  /** glo-, ded-, general-glo-, general-ded-. */
  private plainLayer({ kind, plainTag, systemTitle, content }: CipheredApdu): Layer | UnprotectResult {
    const fault = this.controlFault(content);
    if (fault !== undefined) return refuse(fault);
    const title = this.titleOf(systemTitle);
    if (title === undefined) return refuse("unknownTitle");
    const isDedicated = kind === "ded" || kind === "generalDed";
    const isBroadcast = ((content[0] ?? 0) & securityControlBit.broadcastKey) !== 0;
    if (isDedicated && isBroadcast) return refuse("wrongKeySet");
    const { keys } = this.context;
    const key = keys.encryptionKey(isDedicated ? "dedicated" : isBroadcast ? "broadcast" : "unicast");
    if (key === undefined) {
      return refuse(isDedicated ? "noDedicatedKey" : isBroadcast ? "noBroadcastKey" : "unknownKey");
    }
    return { content, key, title, header: undefined, plainTag, form: simpleForms[kind], isDedicated, isBroadcast };
  }

  private generalLayer(apdu: Uint8Array): Layer | UnprotectResult {
    const ciphering = decodeGeneralCiphering(apdu);
    const { content, keyInfo } = ciphering;
    const fault = this.controlFault(content);
    if (fault !== undefined) return refuse(fault);
    if (((content[0] ?? 0) & securityControlBit.broadcastKey) !== 0) return refuse("wrongKeySet");
    const title = this.titleOf(ciphering.originatorSystemTitle);
    const isBroadcast = keyInfo?.kind === "identified" && keyInfo.keyId === 1;
    const isForUs = isBroadcast || this.isForUs(ciphering.recipientSystemTitle);
    if (title === undefined || !isForUs) return refuse("unknownTitle");
    const found = receivedKey(this.context, ciphering, keyInfo, title);
    if (!found.ok) return refuse(found.reason);
    const form = { kind: "generalCiphering", header: copyOf(ciphering), key: found.choice } as const;
    const header = encodeGeneralHeader(ciphering);
    return { content, key: found.key, title, header, plainTag: undefined, form, isDedicated: false, isBroadcast };
  }

  private controlFault(content: Uint8Array): UnprotectRefusal | undefined {
    if (content.length < sealHeaderLength) return "malformed";
    const control = content[0] ?? 0;
    if ((control & suiteBits) !== this.context.keys.suite) return "wrongSuite";
    if ((control & securityControlBit.compression) !== 0) return "compressed";
    if (protectionOf(control) === 0) return "notProtected";
    return content.length < sealOverhead(control) ? "malformed" : undefined;
  }

  /** The title of the sender; our own is refused: two senders with one title would share their counters' IVs. */
  private titleOf(named: Uint8Array | undefined): Uint8Array | undefined {
    const { peerTitle, ownTitle } = this.context;
    if (named === undefined || named.length === 0) return peerTitle;
    if (peerTitle !== undefined) return areEqual(named, peerTitle) ? peerTitle : undefined;
    if (named.length !== systemTitleLength || areEqual(named, ownTitle)) return undefined;
    return new Uint8Array(named);
  }

  private isForUs(recipient: Uint8Array): boolean {
    return recipient.length === 0 || areEqual(recipient, this.context.ownTitle);
  }

  private lastReceived({ key, title, isDedicated }: Layer): number | undefined {
    if (!isDedicated) return this.context.counters.lastReceived(key, title);
    return this.dedicatedKey === key ? this.dedicatedCounter : undefined;
  }

  private accept({ key, title, isDedicated }: Layer, counter: number): void {
    if (!isDedicated) {
      this.context.counters.accept(key, title, counter);
      return;
    }
    this.dedicatedKey = key;
    this.dedicatedCounter = counter;
  }
}

function refuse(reason: UnprotectRefusal, expectedCounter?: number): UnprotectResult {
  return { ok: false, reason, expectedCounter };
}

/** The head without the rest, and without the memory of the APDU: it outlives it. */
function copyOf(header: GeneralHeader): GeneralHeader {
  return {
    transactionId: new Uint8Array(header.transactionId),
    originatorSystemTitle: new Uint8Array(header.originatorSystemTitle),
    recipientSystemTitle: new Uint8Array(header.recipientSystemTitle),
    dateTime: new Uint8Array(header.dateTime),
    otherInformation: new Uint8Array(header.otherInformation),
  };
}

/** Of titles, which are public. */
function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left === right) return true;
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
