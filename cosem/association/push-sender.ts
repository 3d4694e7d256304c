/**
 * Sends what nobody asked for: DataNotification from this server, as a machine without I/O (IEC 62056-5-3, clause 6.10).
 *
 * message() fixes long-invoke-id, time and body once; apdus() makes what goes out for one attempt: the same
 * long-invoke-id every time, and with protection a fresh invocation counter. received() takes what the client sends back
 * and says which message it confirms. Our own SAP is the source and push_client_SAP the destination.
 */
import { longInvokeBit } from "../apdu/access.js";
import { encodeDataNotification } from "../apdu/data-notification.js";
import { encodeGeneralBlock, longestGeneralBlockHeader } from "../apdu/general-block-transfer.js";
import type { Data } from "../codec/data.js";
import type { Protection, ProtectRefusal } from "./protection.js";
import type { PushProtectionForm } from "./push-protection.js";

export interface PushSenderParts {
  readonly ownSap: number;
  readonly clientSap: number;
  /** How messages are protected; "plain" is not protected. */
  readonly protectionForm: PushProtectionForm | "plain";
  /** Needed for any other form than "plain". */
  readonly protection?: Protection | undefined;
  /** Longest APDU; what is longer goes out in blocks. */
  readonly maxPduSize: number;
  /** First long-invoke-id, 24 bits: a receiver takes equal ids for one message, so go on from the last one used. */
  readonly firstInvokeId: number;
}

export interface PushMessageOptions {
  /** The client is asked for a confirmation. Default: false. */
  readonly isConfirmed?: boolean;
  readonly isHighPriority?: boolean;
  /** 12 octets; default: none. */
  readonly dateTime?: Uint8Array;
}

export interface PushMessage {
  /** With its priority and service class bits. */
  readonly longInvokeIdAndPriority: number;
  /** Plain. */
  readonly apdu: Uint8Array;
}

export type PushApdus =
  | {
      readonly ok: true;
      readonly sourceSap: number;
      readonly destinationSap: number;
      /** In order; more than one are general-block-transfer. */
      readonly apdus: readonly Uint8Array[];
    }
  | { readonly ok: false; readonly reason: ProtectRefusal | "noProtection" | "tooLong" };

export interface PushSender {
  message(body: Data, options?: PushMessageOptions): PushMessage;
  /** One attempt. */
  apdus(message: PushMessage): PushApdus;
  /** The long-invoke-id, 24 bits, that an APDU of the client confirms; undefined: it is no confirmation. */
  received(apdu: Uint8Array): number | undefined;
  /** To be kept, so that the next sender goes on with it. */
  readonly nextInvokeId: number;
}

const invokeIds = 0x1000000;
/** data-notification-confirm: tag, long-invoke-id-and-priority, optional date-time. */
const confirmTag = 0x10;
const noTime = new Uint8Array(0);
const mostBlocks = 0xffff;

/** The id among the bits of a long-invoke-id-and-priority. */
export function longInvokeIdOf(longInvokeIdAndPriority: number): number {
  return longInvokeIdAndPriority % invokeIds;
}

export function createPushSender(parts: PushSenderParts): PushSender {
  let nextInvokeId = parts.firstInvokeId % invokeIds;

  function whole(
    apdu: Uint8Array,
  ): { readonly ok: true; readonly apdu: Uint8Array } | Extract<PushApdus, { ok: false }> {
    const { protectionForm, protection } = parts;
    if (protectionForm === "plain") return { ok: true, apdu };
    if (protection === undefined) return { ok: false, reason: "noProtection" };
    return protection.protect(apdu, protectionForm.form, protectionForm.protection);
  }

  function plainConfirmation(apdu: Uint8Array): Uint8Array | undefined {
    const { protectionForm, protection } = parts;
    if (protectionForm === "plain") return apdu;
    const opened = protection?.unprotect(apdu, protectionForm.protection);
    return opened?.ok === true && !opened.isBroadcast ? opened.apdu : undefined;
  }

  return {
    message(body, { isConfirmed = false, isHighPriority = false, dateTime = noTime } = {}) {
      const flags = (isConfirmed ? longInvokeBit.confirmed : 0) | (isHighPriority ? longInvokeBit.highPriority : 0);
      const longInvokeIdAndPriority = (flags | nextInvokeId) >>> 0;
      nextInvokeId = (nextInvokeId + 1) % invokeIds;
      return { longInvokeIdAndPriority, apdu: encodeDataNotification({ longInvokeIdAndPriority, dateTime, body }) };
    },
    apdus(message) {
      const made = whole(message.apdu);
      if (!made.ok) return made;
      const apdus = inBlocks(made.apdu, parts.maxPduSize);
      if (apdus === undefined) return { ok: false, reason: "tooLong" };
      return { ok: true, sourceSap: parts.ownSap, destinationSap: parts.clientSap, apdus };
    },
    received(apdu) {
      const plain = plainConfirmation(apdu);
      if (plain === undefined || plain[0] !== confirmTag || plain.length < 5) return undefined;
      return longInvokeIdOf(new DataView(plain.buffer, plain.byteOffset).getUint32(1));
    },
    get nextInvokeId() {
      return nextInvokeId;
    },
  };
}

/** Unconfirmed blocks: none of them is acknowledged, and each says that nothing was. */
function inBlocks(apdu: Uint8Array, maxPduSize: number): readonly Uint8Array[] | undefined {
  if (apdu.length <= maxPduSize) return [apdu];
  const size = maxPduSize - longestGeneralBlockHeader;
  const count = Math.ceil(apdu.length / size);
  if (size < 1 || count > mostBlocks) return undefined;
  return Array.from({ length: count }, (_, index) =>
    encodeGeneralBlock({
      lastBlock: index === count - 1,
      streaming: index < count - 1,
      window: 1,
      blockNumber: index + 1,
      blockNumberAck: 0,
      data: apdu.subarray(index * size, (index + 1) * size),
    }),
  );
}
