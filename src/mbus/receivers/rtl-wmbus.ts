/**
 * Lines of rtl_wmbus: `T1;1;1;2019-02-09 07:14:18.000;117;102;94740459;0x4944…`: mode, CRC good, 3-of-6 coding good,
 * local time, two levels (of no known unit), identification, telegram without CRCs; further telegrams may follow in
 * the same line.
 */
import { hexBytes, LineSplitter } from "./line-splitter.js";
import type { ReceiverDriver, ReceiverEvent } from "./receiver.js";
import { leastTelegramBytes, withRightLength } from "./telegram-bytes.js";

export function createRtlWmbus(): ReceiverDriver {
  return lineDriver(readLine);
}

/** A driver of lines that nobody has to ask for. */
export function lineDriver(read: (line: string) => readonly ReceiverEvent[]): ReceiverDriver {
  const lines = new LineSplitter(read);
  return {
    push: (chunk) => lines.push(chunk),
    flush: () => lines.flush(),
    startCommands: () => [],
    resetCommands: () => [],
    silenceMs: undefined,
    get pendingBytes() {
      return lines.pendingBytes;
    },
    get skippedBytes() {
      return lines.skippedBytes;
    },
  };
}

function readLine(line: string): readonly ReceiverEvent[] {
  const head = /^([STCR]\d);([01]);([01]);/.exec(line);
  const mode = head?.[1];
  const telegrams = line.split(";").filter((field) => field.startsWith("0x"));
  if (head === null && !line.startsWith("0x")) return [];
  if (head !== null && (head[2] !== "1" || head[3] !== "1")) return [{ kind: "rejected", reason: "radioCrc" }];
  return telegrams.map((field) => {
    const bytes = hexBytes(field.slice(2));
    if (bytes === undefined) return { kind: "rejected", reason: "badHex" };
    if (bytes.length < leastTelegramBytes) return { kind: "rejected", reason: "cutShort" };
    return { kind: "telegram", bytes: withRightLength(bytes), frameFormat: "removed", rssiDbm: undefined, mode };
  });
}

/** The line of a telegram (from its L field on, without CRCs); its levels mean nothing. */
export function encodeRtlWmbusLine(telegram: Uint8Array): Uint8Array {
  const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const identification = hex(telegram.slice(4, 8).reverse()).toUpperCase();
  return new TextEncoder().encode(`T1;1;1;2025-01-01 00:00:00.000;100;100;${identification};0x${hex(telegram)}\n`);
}
