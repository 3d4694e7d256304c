/**
 * IMST iU891A-XL and iM891A-XL: SLIP frames of `endpoint | message | payload | crc2`. Telegrams are endpoint 9,
 * message 20: `time4 status2 mode rssi` and the telegram from its L field on, without CRCs.
 */
import { crcX25 } from "./crc-x25.js";
import {
  type ModeCodes,
  modeCode,
  type RadioMode,
  type ReceiverDriver,
  type ReceiverEvent,
  type ReceiverOptions,
} from "./receiver.js";
import { encodeSlip, SlipDecoder } from "./slip.js";
import { leastTelegramBytes, withRightLength } from "./telegram-bytes.js";

const endpoints = { management: 0x01, gateway: 0x09 } as const;
const messages = {
  restart: 0x07,
  restartAnswer: 0x08,
  configure: 0x03,
  configureAnswer: 0x04,
  telegram: 0x20,
} as const;
export const iu891aModes: ModeCodes<number> = { S: 1, T: 2, C: 5, CT: 3 };
const modeNames: Readonly<Record<number, string>> = { 1: "S", 2: "T", 3: "CT", 5: "C", 6: "T" };
/** Of a telegram's payload: time, status, mode, signal. */
const head = { mode: 6, rssi: 7, length: 8 } as const;
/** Endpoint, message, head, telegram, CRC; a little more for messages we do not know. */
const longestFrame = 512;
/** The stick sleeps until it has seen some: ends of empty frames. */
const wakeUp = new Uint8Array(30).fill(0xc0);

export function createIu891a({ mode }: ReceiverOptions): ReceiverDriver {
  const slip = new SlipDecoder(longestFrame);
  const read = (frames: Iterable<Uint8Array | "broken">): readonly ReceiverEvent[] =>
    [...frames].flatMap((frame) => (frame === "broken" ? rejected("tooLong") : eventsOf(frame)));
  return {
    push: (chunk) => read(slip.push(chunk)),
    flush() {
      const frame = slip.take();
      return frame === undefined ? [] : read([frame]);
    },
    startCommands: () => [
      { bytes: wakeUp, pauseMs: 50 },
      { bytes: iu891aMessage(endpoints.gateway, messages.configure, configuration(mode)), pauseMs: 200 },
    ],
    resetCommands: () => [
      { bytes: wakeUp, pauseMs: 50 },
      { bytes: iu891aMessage(endpoints.management, messages.restart, []), pauseMs: 1000 },
    ],
    silenceMs: 300,
    get pendingBytes() {
      return slip.pendingBytes;
    },
    get skippedBytes() {
      return slip.skippedBytes;
    },
  };
}

/** Link mode; no filter, tell what is received and sent; pins, LED and recalibration as they are off. */
function configuration(mode: RadioMode): readonly number[] {
  return [modeCode(iu891aModes, mode), 0x06, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}

/** A message to the receiver, SLIP ends included. */
export function iu891aMessage(endpoint: number, message: number, payload: readonly number[]): Uint8Array {
  const body = Uint8Array.of(endpoint, message, ...payload);
  const crc = crcX25(body);
  return encodeSlip(Uint8Array.of(...body, crc & 0xff, crc >> 8));
}

function eventsOf(frame: Uint8Array): readonly ReceiverEvent[] {
  const crcAt = frame.length - 2;
  if (crcAt < 2) return rejected("cutShort");
  if (crcX25(frame, 0, crcAt) !== ((frame[crcAt] as number) | ((frame[crcAt + 1] as number) << 8))) {
    return rejected("checksum");
  }
  const [endpoint, message] = frame;
  const payload = frame.subarray(2, crcAt);
  if (endpoint === endpoints.gateway && message === messages.telegram) return telegramOf(payload);
  const isConfigured = endpoint === endpoints.gateway && message === messages.configureAnswer;
  const isRestarted = endpoint === endpoints.management && message === messages.restartAnswer;
  if (!isConfigured && !isRestarted) return [];
  const what = isConfigured ? "configuration" : "restart";
  const status = payload[0] ?? 0;
  const words = status === 0 ? `${what} taken` : `${what} refused (${status})`;
  return [{ kind: "answer", isGood: status === 0, words }];
}

function telegramOf(payload: Uint8Array): readonly ReceiverEvent[] {
  const telegram = payload.subarray(head.length);
  if (telegram.length < leastTelegramBytes) return rejected("cutShort");
  const rssi = payload[head.rssi] as number;
  return [
    {
      kind: "telegram",
      bytes: withRightLength(telegram),
      frameFormat: "removed",
      rssiDbm: rssi >= 128 ? rssi - 256 : rssi,
      mode: modeNames[payload[head.mode] as number],
    },
  ];
}

function rejected(reason: "checksum" | "cutShort" | "tooLong"): readonly ReceiverEvent[] {
  return [{ kind: "rejected", reason }];
}

export const iu891aBaudRate = 115_200;
