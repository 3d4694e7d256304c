/** What protecting and unprotecting an APDU gives: the contract. `protect.ts` and `unprotect.ts` do it. */
import type { GeneralHeader, KeyInfo } from "../apdu/general-ciphering.js";

/**
 * The form of a protected APDU. `answerForm` gives the form that answers a request in its own style.
 * - glo, ded: the tag follows from the plain APDU, which must be one that has such a tag
 * - generalGlo, generalDed: any APDU, with the title of its sender
 * - generalCiphering: the parties are named; the key is identified, wrapped or agreed
 * - generalSigning: a signature around `inner` (undefined: around the plain APDU)
 * `isBroadcast` takes the broadcast key (glo and generalGlo alone), for a client that speaks to many servers at once.
 * A signature may also stand inside a general form, as its `inner`. There is one ciphering and one signature at most.
 */
export type ProtectionForm =
  | { readonly kind: "glo" | "ded"; readonly isBroadcast?: boolean | undefined }
  | {
      readonly kind: "generalGlo" | "generalDed";
      readonly isBroadcast?: boolean | undefined;
      readonly inner?: SigningForm | undefined;
    }
  | GeneralCipheringForm
  | SigningForm;

export interface GeneralCipheringForm {
  readonly kind: "generalCiphering";
  readonly header: GeneralHeader;
  readonly key: GeneralKeyChoice;
  readonly inner?: SigningForm | undefined;
}

export interface SigningForm {
  readonly kind: "generalSigning";
  readonly header: GeneralHeader;
  readonly inner: ProtectionForm | undefined;
}

/** Where the key of a general-ciphering APDU comes from. `wrapped` with a key info sends that same wrapped key again. */
export type GeneralKeyChoice =
  | { readonly kind: "none" | "unicast" | "broadcast" }
  | { readonly kind: "wrapped"; readonly reuse: Extract<KeyInfo, { kind: "wrapped" }> | undefined }
  | { readonly kind: "onePass" | "static" };

/** Why a protected APDU was not taken. */
export type UnprotectRefusal =
  /** The bytes are no APDU of that form, or the text is too short for its tag. */
  | "malformed"
  /** Neither authenticated nor encrypted. */
  | "notProtected"
  /** Less than the caller asked for. */
  | "tooWeak"
  | "wrongSuite"
  /** V.44 compression: there is no sound library for it, so it is refused by name. */
  | "compressed"
  /** The broadcast bit where it has no place (ded-, general-ded-, general-ciphering). */
  | "wrongKeySet"
  | "noBroadcastKey"
  | "noDedicatedKey"
  /** No other key of this kind (unicast, authentication, master, agreement, signing) is known, or the key id is none. */
  | "unknownKey"
  /** A wrapped key that does not unwrap, or an ephemeral key that is not on the curve. */
  | "badKey"
  | "unknownTitle"
  | "badTag"
  | "badSignature"
  /** The counter is not greater than the last one; `expectedCounter` is the least that would do. */
  | "replay"
  /** The peer has used up its counter. */
  | "counterExhausted"
  /** The APDU inside is not of the service that the tag names, or too deep a nesting. */
  | "wrongService";

export interface Unprotected {
  readonly ok: true;
  /** The plain APDU. Where nothing was encrypted it is a view into the protected one. */
  readonly apdu: Uint8Array;
  /** Sum of `protectionBit`, over all layers. */
  readonly protection: number;
  /** Of the outermost ciphering layer; undefined where it was signed alone. */
  readonly counter: number | undefined;
  /** Of the sender. */
  readonly title: Uint8Array;
  /** True when the broadcast key was used: never answered. */
  readonly isBroadcast: boolean;
  readonly form: ProtectionForm;
}

export type UnprotectResult =
  | Unprotected
  | { readonly ok: false; readonly reason: UnprotectRefusal; readonly expectedCounter: number | undefined };

/** Why an APDU could not be protected: nothing may be sent in its stead unprotected. */
export type ProtectRefusal =
  /** Our own counter stands at its end: it never wraps, new keys are needed. */
  | "counterExhausted"
  | "unknownKey"
  /** The plain APDU has no glo- or ded- form; take generalGlo or generalDed. */
  | "noSuchForm"
  /** Neither authenticated nor encrypted was asked for. */
  | "notProtected";

export type ProtectResult =
  | { readonly ok: true; readonly apdu: Uint8Array; readonly counter: number | undefined }
  | { readonly ok: false; readonly reason: ProtectRefusal };

/** Opens and closes the protected APDUs of one association (or of one pair of titles). */
export interface Protection {
  /**
   * The tag is verified before anything else counts; a stored counter moves only for a message that is authentic (or,
   * with encryption alone, at least protected as asked: nothing in such a message proves its origin).
   * @param required  protection bits below which a message is refused as `tooWeak` without moving a counter
   */
  unprotect(apdu: Uint8Array, required?: number): UnprotectResult;
  /** @param protection  sum of `protectionBit`; `signed` counts by `form` alone */
  protect(apdu: Uint8Array, form: ProtectionForm, protection: number): ProtectResult;
  /** The longest plain APDU whose protected form keeps to `maxLength` octets; less than 1 when none does. */
  maxPlainLength(form: ProtectionForm, protection: number, maxLength: number): number;
}
