/** The protection of one association at the client: how its requests go out, and what answers must have. */
import { isProtectedTag } from "../apdu/ciphering.js";
import type { GeneralHeader } from "../apdu/general-ciphering.js";
import { apduTag } from "../apdu/tags.js";
import type { EncryptionKeyKind, InvocationCounters, KeyRing, SecurityContext } from "../security/key-ring.js";
import type { RandomBytes } from "../security/random-bytes.js";
import { authenticatedEncryption } from "../security/suite.js";
import { SymmetricKey } from "../security/symmetric-key.js";
import { createProtection } from "./create-protection.js";
import type {
  GeneralKeyChoice,
  Protection,
  ProtectionForm,
  ProtectRefusal,
  Unprotected,
  UnprotectRefusal,
} from "./protection.js";
import { generalHeader, simpleForms } from "./protection-forms.js";

/** How requests are protected; `generalSigning` signs, around global ciphering where that is asked for too. */
export type ProtectionStyle = "glo" | "ded" | "generalGlo" | "generalDed" | "generalCiphering" | "generalSigning";

export interface ClientSecurity {
  /** 8 octets. */
  readonly ownTitle: Uint8Array;
  /** Undefined: the title that the server names in its AARE is taken. */
  readonly peerTitle?: Uint8Array;
  /** Global keys and key pairs. */
  readonly keys: KeyRing;
  readonly counters: InvocationCounters;
  /** Of challenges and keys. */
  readonly random: RandomBytes;
  /** Sum of `protectionBit`: of each request, and the least that each answer must have. */
  readonly protection: number;
  /** Default: glo, or ded with a dedicated key. */
  readonly style?: ProtectionStyle;
  /** Key of generalCiphering; default: unicast. */
  readonly generalKey?: GeneralKeyChoice;
  /** For this association alone; it travels in the ciphered InitiateRequest. */
  readonly dedicatedKey?: Uint8Array;
}

/** An answer cannot be opened, or is protected less than its request; or a request cannot be protected. */
export class ProtectionFault extends Error {
  readonly reason: ProtectRefusal | UnprotectRefusal | "plain";
  constructor(reason: ProtectionFault["reason"], message: string) {
    super(`${message} (${reason})`);
    this.name = "ProtectionFault";
    this.reason = reason;
  }
}

const mayComePlain: ReadonlySet<number | undefined> = new Set<number>([
  apduTag.exceptionResponse,
  apduTag.confirmedServiceError,
  apduTag.dataNotification,
  apduTag.eventNotificationRequest,
  apduTag.informationReportRequest,
]);

export class ClientProtection {
  readonly context: SecurityContext;
  private readonly security: ClientSecurity;
  private readonly protection: Protection;
  private readonly dedicatedKey: SymmetricKey | undefined;
  private learnedTitle: Uint8Array | undefined;
  private transactions = 0;

  constructor(security: ClientSecurity) {
    this.security = security;
    const { ownTitle, counters, random } = security;
    const peerTitle = () => this.peerTitle;
    this.dedicatedKey = security.dedicatedKey && new SymmetricKey(security.dedicatedKey, true);
    this.context = {
      keys: withDedicated(security.keys, this.dedicatedKey),
      counters,
      ownTitle,
      random,
      get peerTitle() {
        return peerTitle();
      },
    };
    this.protection = createProtection(this.context);
  }

  get peerTitle(): Uint8Array | undefined {
    return this.security.peerTitle ?? this.learnedTitle;
  }

  /** From the AARE. */
  learnTitle(title: Uint8Array | undefined): void {
    this.learnedTitle = title && new Uint8Array(title);
  }

  /** InitiateRequest of AARQ and RLRQ: always under the global key, and never signed. */
  closeInitiate(initiate: Uint8Array): Uint8Array {
    const bits = this.security.protection & authenticatedEncryption;
    return bits === 0 ? initiate : this.close(initiate, simpleForms.glo, bits);
  }

  /** User-information of AARE and RLRE. @throws ProtectionFault where it is protected less than ours */
  openInitiate(bytes: Uint8Array): Uint8Array {
    const isPlain = bytes[0] === apduTag.initiateResponse || bytes[0] === apduTag.confirmedServiceError;
    const wanted = this.security.protection & authenticatedEncryption;
    if (!isPlain) return this.opened(bytes, wanted).apdu;
    if (wanted !== 0 && bytes[0] === apduTag.initiateResponse) {
      throw new ProtectionFault("plain", "the server answers a ciphered association without ciphering");
    }
    return bytes;
  }

  /** Pass 3: under the global key, also where the association has a dedicated one, and not signed. */
  protectProof(apdu: Uint8Array): Uint8Array {
    const { protection, style } = this.security;
    const bits = protection & authenticatedEncryption;
    if (style === "generalCiphering") return this.protect(apdu);
    return bits === 0 ? apdu : this.close(apdu, simpleForms.glo, bits);
  }

  protect(apdu: Uint8Array): Uint8Array {
    const { protection } = this.security;
    return protection === 0 ? apdu : this.close(apdu, this.form(apdu), protection);
  }

  /**
   * @throws ProtectionFault for an answer that is protected less than its request. Exceptions may come plain, and so may
   * notifications, which answer nothing.
   */
  unprotect(apdu: Uint8Array, isPassFour = false): Pick<Unprotected, "apdu" | "protection"> {
    const protection = this.security.protection & (isPassFour ? authenticatedEncryption : -1);
    if (isProtectedTag(apdu[0])) return this.opened(apdu, protection);
    if (protection === 0 || mayComePlain.has(apdu[0])) return { apdu, protection: 0 };
    throw new ProtectionFault("plain", "the answer is not protected");
  }

  /** Longest plain request (of the kind of `apdu`) whose protected form keeps to `maxLength` octets. */
  maxPlainLength(maxLength: number, apdu?: Uint8Array): number {
    const { protection } = this.security;
    if (protection === 0) return maxLength;
    return this.protection.maxPlainLength(this.form(apdu), protection, maxLength);
  }

  private form(apdu: Uint8Array | undefined): ProtectionForm {
    const { style = this.dedicatedKey === undefined ? "glo" : "ded", generalKey, protection } = this.security;
    switch (style) {
      case "generalCiphering":
        return { kind: "generalCiphering", header: this.header(), key: generalKey ?? { kind: "unicast" } };
      case "generalSigning": {
        const inner = (protection & authenticatedEncryption) === 0 ? undefined : simpleForms.glo;
        return { kind: "generalSigning", header: this.header(), inner };
      }
      default: {
        // ACCESS has no glo- and ded- forms of its own.
        const isAccess = apdu?.[0] === apduTag.accessRequest;
        if (!isAccess) return simpleForms[style];
        return style === "ded" || style === "generalDed" ? simpleForms.generalDed : simpleForms.generalGlo;
      }
    }
  }

  private header(): GeneralHeader {
    this.transactions += 1;
    const id = new Uint8Array(8);
    new DataView(id.buffer).setUint32(4, this.transactions);
    return generalHeader(id, this.security.ownTitle, this.peerTitle ?? new Uint8Array(0));
  }

  private close(apdu: Uint8Array, form: ProtectionForm, bits: number): Uint8Array {
    const result = this.protection.protect(apdu, form, bits);
    if (!result.ok) throw new ProtectionFault(result.reason, "the request cannot be protected");
    return result.apdu;
  }

  private opened(apdu: Uint8Array, required: number): Unprotected {
    const result = this.protection.unprotect(apdu, required);
    if (!result.ok) throw new ProtectionFault(result.reason, "the answer cannot be opened");
    return result;
  }
}

function withDedicated(keys: KeyRing, dedicated: SymmetricKey | undefined): KeyRing {
  return {
    ...keys,
    encryptionKey: (which: EncryptionKeyKind) => (which === "dedicated" ? dedicated : keys.encryptionKey(which)),
  };
}
