import {
  apduTag,
  cipheredTagOf,
  cipheringTag,
  decodeCipheredApdu,
  encodeCipheredApdu,
  isProtectedTag,
  protectionOf,
  SymmetricKey,
  securityControlBit,
  securityControlFor,
  toHex,
} from "../../cosem/index.js";
import type { DeclaredSecurity, ProtectionStyle } from "../declaration/declaration.js";
import { openText, sealText, type TextKeys } from "./ciphered-text.js";
import type { RunCounters } from "./counters.js";
import { Inapplicable, Misbehaviour } from "./verdict-errors.js";

/** What a case wants otherwise than declared. */
export interface ProtectionChange {
  readonly style?: ProtectionStyle;
  /** Bits 4 authenticated, 8 encrypted. */
  readonly protection?: number;
  /** Default: the next one, which is then taken. */
  readonly counter?: number;
  readonly suite?: number;
  readonly encryptionKey?: Uint8Array;
  readonly authenticationKey?: Uint8Array;
  /** Turns a bit of the last byte over: of the tag, where there is one. */
  readonly isTampered?: boolean;
  readonly usesBroadcastKey?: boolean;
}

export interface OpenedApdu {
  readonly apdu: Uint8Array;
  /** Bits 4 authenticated, 8 encrypted; 0: it came plain. */
  readonly protection: number;
  readonly style: ProtectionStyle | "plain";
  readonly counter: number | undefined;
}

const styleOf = { glo: "glo", ded: "ded", generalGlo: "general-glo", generalDed: "general-ded" } as const;

/** Protects and opens the APDUs of one association, with keys and counters of the declaration. */
export class Protection {
  readonly security: DeclaredSecurity;
  readonly counters: RunCounters;
  serverTitle: Uint8Array | undefined;
  dedicatedKey: Uint8Array | undefined;

  constructor(security: DeclaredSecurity, counters: RunCounters) {
    this.security = security;
    this.counters = counters;
    this.serverTitle = security.serverTitle;
  }

  get ordinaryStyle(): ProtectionStyle {
    return this.dedicatedKey === undefined ? this.security.style : "ded";
  }

  nextCounter(key: Uint8Array): number {
    const counter = this.counters.next(new SymmetricKey(key), this.security.clientTitle);
    if (counter === undefined) throw new Inapplicable("the client's invocation counter is used up");
    return counter;
  }

  /** An APDU without a glo- or ded- form goes out in the general one. */
  protect(apdu: Uint8Array, change: ProtectionChange = {}): Uint8Array {
    const { security } = this;
    const protection = change.protection ?? security.protection;
    if (protection === 0) return apdu;
    const style = change.style ?? this.ordinaryStyle;
    const keys = this.keysOf(style, change);
    const counter = change.counter ?? this.nextCounter(keys.encryptionKey);
    const control =
      (securityControlFor(security.suite, protection, change.usesBroadcastKey) & 0xf0) |
      (change.suite ?? security.suite);
    const content = sealText(apdu, keys, security.clientTitle, control, counter);
    const last = content.length - 1;
    if (change.isTampered === true) content[last] = (content[last] ?? 0) ^ 1;
    const plainTag = apdu[0];
    const short = style === "glo" || style === "ded" ? cipheredTagOf(style, plainTag) : undefined;
    if (short !== undefined) return encodeCipheredApdu(short, undefined, content);
    const isDedicated = style === "ded" || style === "general-ded";
    const tag = isDedicated ? cipheringTag.generalDedCiphering : cipheringTag.generalGloCiphering;
    return encodeCipheredApdu(tag, security.clientTitle, content);
  }

  private keysOf(style: ProtectionStyle, change: ProtectionChange): TextKeys {
    const { security } = this;
    const dedicated = style === "ded" || style === "general-ded" ? this.dedicatedKey : undefined;
    const global = change.usesBroadcastKey === true ? security.broadcastKey : security.encryptionKey;
    const encryptionKey = change.encryptionKey ?? dedicated ?? global;
    const authenticationKey = change.authenticationKey ?? security.authenticationKey;
    if (encryptionKey === undefined) throw new Inapplicable("security.encryptionKey is not declared");
    if (authenticationKey === undefined) throw new Inapplicable("security.authenticationKey is not declared");
    return { encryptionKey, authenticationKey };
  }

  /** @throws Misbehaviour for a wrong tag, suite, title or tag of the plain APDU, or a counter that did not grow */
  unprotect(answer: Uint8Array): OpenedApdu {
    if (!isProtectedTag(answer[0])) return { apdu: answer, protection: 0, style: "plain", counter: undefined };
    if (answer[0] === cipheringTag.generalCiphering || answer[0] === cipheringTag.generalSigning) {
      throw new Misbehaviour(`an answer in a form that was not asked: ${toHex(answer.subarray(0, 16))}`);
    }
    const ciphered = decodeCipheredApdu(answer);
    const title = this.serverTitle;
    if (title === undefined) throw new Misbehaviour("a ciphered answer of a server whose title is not known");
    const named = ciphered.systemTitle;
    if (named !== undefined && named.length > 0 && toHex(named) !== toHex(title)) {
      throw new Misbehaviour(`system title ${toHex(named)} in an answer, ${toHex(title)} in the AARE`);
    }
    const isDedicated = ciphered.kind === "ded" || ciphered.kind === "generalDed";
    const control = ciphered.content[0] ?? 0;
    if ((control & 0x0f) !== this.security.suite) throw new Misbehaviour(`an answer of suite ${control & 0x0f}`);
    if ((control & securityControlBit.broadcastKey) !== 0) throw new Misbehaviour("an answer under the broadcast key");
    const keys = this.keysOf(isDedicated ? "ded" : "glo", {});
    const opened = openText(ciphered.content, keys, title);
    if (opened === undefined) throw new Misbehaviour("an answer whose authentication tag does not fit");
    if (ciphered.plainTag !== undefined && opened.plain[0] !== ciphered.plainTag) {
      throw new Misbehaviour(`an answer with tag ${answer[0]} holds tag ${opened.plain[0]}`);
    }
    this.acceptCounter(new SymmetricKey(keys.encryptionKey), title, opened.counter);
    return {
      apdu: opened.plain,
      protection: protectionOf(opened.control),
      style: styleOf[ciphered.kind],
      counter: opened.counter,
    };
  }

  private acceptCounter(key: SymmetricKey, title: Uint8Array, counter: number): void {
    const last = this.counters.lastReceived(key, title);
    if (last !== undefined && counter <= last) {
      throw new Misbehaviour(`the server's invocation counter ${counter} follows ${last}: it must grow`);
    }
    this.counters.accept(key, title, counter);
  }
}

/** True where an answer may come plain in a ciphered association. */
export const mayComePlain = (apdu: Uint8Array): boolean => apdu[0] === apduTag.exceptionResponse;
