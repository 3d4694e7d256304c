/**
 * Telegrams one behind the other without anything around them: RC1180 modules (CRCs taken off, signal strength
 * appended where the module is set to it) and raw lines. Nothing protects them, so they are known by their C and M
 * fields, and a pause ends what was begun.
 */
import { FrameScanner, incomplete, type Look, none } from "./frame-scanner.js";
import type { ReceiverDriver, ReceiverOptions } from "./receiver.js";
import { leastTelegramBytes, looksLikeTelegram } from "./telegram-bytes.js";

/** RC1180: the module hears what its memory says (factory setting of most: T1); it is left alone. */
export function createRc1180({ appendsRssi }: Pick<ReceiverOptions, "appendsRssi">): ReceiverDriver {
  return lengthPrefixed(appendsRssi);
}

/** A raw line: telegrams from the L field on, without CRCs. */
export function createRawBytes(): ReceiverDriver {
  return lengthPrefixed(false);
}

function lengthPrefixed(appendsRssi: boolean): ReceiverDriver {
  const scanner = new FrameScanner((bytes, offset) => lookAt(bytes, offset, appendsRssi));
  return {
    push: (chunk) => scanner.push(chunk),
    flush: () => scanner.flush(),
    startCommands: () => [],
    resetCommands: () => [],
    silenceMs: 300,
    get pendingBytes() {
      return scanner.pendingBytes;
    },
    get skippedBytes() {
      return scanner.skippedBytes;
    },
  };
}

function lookAt(bytes: Uint8Array, offset: number, appendsRssi: boolean): Look {
  const length = bytes[offset] as number;
  if (length < leastTelegramBytes - 1) return none;
  if (offset + 4 > bytes.length) return incomplete;
  if (!looksLikeTelegram(bytes, offset + 1)) return none;
  const end = offset + 1 + length;
  const size = 1 + length + (appendsRssi ? 1 : 0);
  if (offset + size > bytes.length) return incomplete;
  // The appended byte is the level below 0 dBm in half dB.
  const rssiDbm = appendsRssi ? -(bytes[end] as number) / 2 : undefined;
  const telegram = bytes.slice(offset, end);
  return {
    kind: "message",
    size,
    events: [{ kind: "telegram", bytes: telegram, frameFormat: "removed", rssiDbm, mode: undefined }],
  };
}

export const rc1180BaudRate = 19_200;
