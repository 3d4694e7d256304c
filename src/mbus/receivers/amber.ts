/**
 * Amber (Würth) AMB8465, AMB3665 and Metis sticks. With command output on, everything is `FF command length payload
 * xor`, telegrams being command 03; otherwise telegrams come bare, `L C M …`. Neither has CRCs. Where signal strength is
 * switched on, it is the last byte and counted by the length, which the stick is asked at start; modules that do not
 * count it are told by the checksum. A stick that was heard to send telegrams as messages sends none bare: a message
 * with a fault must not be taken for one.
 */
import { FrameScanner, incomplete, type Look, none } from "./frame-scanner.js";
import { type ModeCodes, modeCode, type ReceiverDriver, type ReceiverEvent, type ReceiverOptions } from "./receiver.js";
import { halfDecibelRssi, leastTelegramBytes, looksLikeTelegram, withLength } from "./telegram-bytes.js";

const startByte = 0xff;
const commands = { telegram: 0x03, setMode: 0x04, reset: 0x05, getParameter: 0x0a } as const;
const answerBit = 0x80;
/** Memory place of "append the signal strength". */
const rssiParameter = 0x45;
/** Operation modes: S, T2 (hears T1), C, C and T at once; of the AMB3665 N2a to N2f (which hear N1, as wmbusmeters has it). */
export const amberModes: ModeCodes<number> = {
  S: 0x03,
  T: 0x08,
  C: 0x0e,
  CT: 0x09,
  N1a: 0x02,
  N1b: 0x04,
  N1c: 0x06,
  N1d: 0x08,
  N1e: 0x0a,
  N1f: 0x0c,
};

export function createAmber({ mode, appendsRssi }: ReceiverOptions): ReceiverDriver {
  let hasRssi = appendsRssi;
  let sendsMessages = false;

  function lookAt(bytes: Uint8Array, offset: number): Look {
    const first = bytes[offset] as number;
    if (first === startByte) return lookAtMessage(bytes, offset);
    return sendsMessages || first < leastTelegramBytes - 1 ? none : lookAtBare(bytes, offset);
  }

  function lookAtMessage(bytes: Uint8Array, offset: number): Look {
    if (offset + 3 > bytes.length) return incomplete;
    const command = bytes[offset + 1] as number;
    if (!isKnown(command)) return none;
    const length = bytes[offset + 2] as number;
    const end = offset + 3 + length;
    if (end >= bytes.length) return incomplete;
    const sum = xor(bytes, offset, end);
    if (sum === bytes[end]) {
      return { kind: "message", size: end + 1 - offset, events: eventsOf(command, bytes.subarray(offset + 3, end)) };
    }
    if (command !== commands.telegram) return bad;
    // One byte more: signal strength that the length does not count.
    if (end + 1 >= bytes.length) return incomplete;
    const rssi = bytes[end] as number;
    if ((sum ^ rssi) !== bytes[end + 1]) return bad;
    sendsMessages = true;
    return { kind: "message", size: end + 2 - offset, events: telegram(bytes.subarray(offset + 3, end), rssi) };
  }

  function lookAtBare(bytes: Uint8Array, offset: number): Look {
    if (offset + 4 > bytes.length) return incomplete;
    if (!looksLikeTelegram(bytes, offset + 1)) return none;
    const end = offset + 1 + (bytes[offset] as number);
    if (end > bytes.length) return incomplete;
    return { kind: "message", size: end - offset, events: received(bytes.subarray(offset + 1, end)) };
  }

  function eventsOf(command: number, payload: Uint8Array): readonly ReceiverEvent[] {
    if (command === commands.telegram) {
      sendsMessages = true;
      return received(payload);
    }
    if (command === (answerBit | commands.getParameter)) {
      if (payload[0] === rssiParameter && payload.length >= 3) hasRssi = payload[2] !== 0;
      return [];
    }
    const what = command === (answerBit | commands.setMode) ? "mode" : "reset";
    const status = payload[0] ?? 0;
    const words = status === 0 ? `${what} taken` : `${what} refused (${status})`;
    return [{ kind: "answer", isGood: status === 0, words }];
  }

  /** C M A CI … and, where it is on, the signal strength. */
  function received(payload: Uint8Array): readonly ReceiverEvent[] {
    if (!hasRssi) return telegram(payload, undefined);
    return telegram(payload.subarray(0, -1), payload[payload.length - 1]);
  }

  const scanner = new FrameScanner(lookAt);
  return {
    push: (chunk) => scanner.push(chunk),
    flush: () => scanner.flush(),
    startCommands: () => [
      { bytes: amberMessage(commands.setMode, [modeCode(amberModes, mode)]), pauseMs: 200 },
      { bytes: amberMessage(commands.getParameter, [rssiParameter, 1]), pauseMs: 200 },
    ],
    resetCommands: () => [{ bytes: amberMessage(commands.reset, []), pauseMs: 1000 }],
    silenceMs: 300,
    get pendingBytes() {
      return scanner.pendingBytes;
    },
    get skippedBytes() {
      return scanner.skippedBytes;
    },
  };
}

/** The length of a message must not be taken for the L field of a bare telegram. */
const bad: Look = { kind: "none", event: { kind: "rejected", reason: "checksum" }, skip: 3 };

function isKnown(command: number): boolean {
  if (command === commands.telegram) return true;
  return [commands.setMode, commands.reset, commands.getParameter].some((known) => command === (answerBit | known));
}

function telegram(body: Uint8Array, rssi: number | undefined): readonly ReceiverEvent[] {
  if (body.length < leastTelegramBytes - 1) return [{ kind: "rejected", reason: "cutShort" }];
  return [
    {
      kind: "telegram",
      bytes: withLength(body),
      frameFormat: "removed",
      rssiDbm: rssi === undefined ? undefined : halfDecibelRssi(rssi),
      mode: undefined,
    },
  ];
}

/** A command with its checksum. */
export function amberMessage(command: number, payload: readonly number[]): Uint8Array {
  const bytes = Uint8Array.of(startByte, command, payload.length, ...payload, 0);
  bytes[bytes.length - 1] = xor(bytes, 0, bytes.length - 1);
  return bytes;
}

function xor(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let index = start; index < end; index++) sum ^= bytes[index] as number;
  return sum;
}

export const amberBaudRate = 9600;
