/**
 * IMST iM871A and iM170A (WM-Bus HCI): `A5 | control<<4 + endpoint | message | length | payload | [time4] [rssi]
 * [crc2]`. Control bits say which of the three follow. Radio telegrams are endpoint 2, message 3, without L and CRCs.
 */
import { crcX25 } from "./crc-x25.js";
import { FrameScanner, incomplete, type Look, none } from "./frame-scanner.js";
import {
  type ModeCodes,
  modeCode,
  type RadioMode,
  type ReceiverDriver,
  type ReceiverEvent,
  type ReceiverOptions,
} from "./receiver.js";
import { leastTelegramBytes, withLength } from "./telegram-bytes.js";

const startByte = 0xa5;
const headBytes = 4;
const flags = { reserved: 0x10, time: 0x20, rssi: 0x40, crc: 0x80 } as const;
const endpoints = { management: 1, radio: 2, radioTest: 3, hardwareTest: 4 } as const;
const messages = { setConfiguration: 3, setConfigurationAnswer: 4, reset: 7, resetAnswer: 8, telegram: 3 } as const;
/** Highest message of each endpoint: what is above is no message. */
const lastMessage: Readonly<Record<number, number>> = { 1: 0x27, 2: 5, 3: 7, 4: 2 };
/**
 * Link modes of the configuration: S1, T1, C1 with format A heard too, C and T at once (firmware 1.4 on). The iM170A has
 * N1a to N1f instead (WMBus HCI specification 1.6, as wmbusmeters has it).
 */
export const im871aModes: ModeCodes<number> = {
  S: 0,
  T: 3,
  C: 6,
  CT: 10,
  N1a: 10,
  N1b: 12,
  N1c: 14,
  N1d: 16,
  N1e: 18,
  N1f: 20,
};

export function createIm871a({ mode }: ReceiverOptions): ReceiverDriver {
  const scanner = new FrameScanner(lookAt);
  return {
    push: (chunk) => scanner.push(chunk),
    flush: () => scanner.flush(),
    startCommands: () => [{ bytes: configuration(mode), pauseMs: 200 }],
    resetCommands: () => [{ bytes: im871aMessage(endpoints.management, messages.reset, []), pauseMs: 1000 }],
    silenceMs: 300,
    get pendingBytes() {
      return scanner.pendingBytes;
    },
    get skippedBytes() {
      return scanner.skippedBytes;
    },
  };
}

/** Volatile; device mode "other", link mode; no power saving, rssi appended, no time: it counts from 0 at each start. */
function configuration(mode: RadioMode): Uint8Array {
  const volatile = 0;
  return im871aMessage(endpoints.management, messages.setConfiguration, [
    volatile,
    0x03,
    0,
    modeCode(im871aModes, mode),
    0x38,
    0,
    1,
    0,
  ]);
}

/** A message to the receiver, with CRC. */
export function im871aMessage(endpoint: number, message: number, payload: readonly number[]): Uint8Array {
  const bytes = Uint8Array.of(startByte, flags.crc | endpoint, message, payload.length, ...payload, 0, 0);
  const crc = crcX25(bytes, 1, bytes.length - 2);
  bytes[bytes.length - 2] = crc & 0xff;
  bytes[bytes.length - 1] = crc >> 8;
  return bytes;
}

function lookAt(bytes: Uint8Array, offset: number): Look {
  if (bytes[offset] !== startByte) return none;
  if (offset + headBytes > bytes.length) return incomplete;
  const control = bytes[offset + 1] as number;
  const endpoint = control & 0x0f;
  const message = bytes[offset + 2] as number;
  if ((control & flags.reserved) !== 0 || message === 0 || message > (lastMessage[endpoint] ?? 0)) return none;
  const payloadEnd = offset + headBytes + (bytes[offset + 3] as number);
  const rssiAt = payloadEnd + ((control & flags.time) === 0 ? 0 : 4);
  const crcAt = rssiAt + ((control & flags.rssi) === 0 ? 0 : 1);
  const end = crcAt + ((control & flags.crc) === 0 ? 0 : 2);
  if (end > bytes.length) return incomplete;
  if ((control & flags.crc) !== 0) {
    const sent = (bytes[crcAt] as number) | ((bytes[crcAt + 1] as number) << 8);
    if (sent !== crcX25(bytes, offset + 1, crcAt)) {
      return { kind: "none", event: { kind: "rejected", reason: "checksum" } };
    }
  }
  const payload = bytes.subarray(offset + headBytes, payloadEnd);
  const rssi = crcAt > rssiAt ? bytes[rssiAt] : undefined;
  return { kind: "message", size: end - offset, events: eventsOf(endpoint, message, payload, rssi) };
}

function eventsOf(
  endpoint: number,
  message: number,
  payload: Uint8Array,
  rssi: number | undefined,
): readonly ReceiverEvent[] {
  if (endpoint === endpoints.radio && message === messages.telegram) {
    if (payload.length < leastTelegramBytes - 1) return [{ kind: "rejected", reason: "cutShort" }];
    return [
      {
        kind: "telegram",
        bytes: withLength(payload),
        frameFormat: "removed",
        rssiDbm: rssi === undefined ? undefined : im871aRssiDbm(rssi),
        mode: undefined,
      },
    ];
  }
  if (endpoint !== endpoints.management) return [];
  const status = payload[0] ?? 0;
  if (message === messages.setConfigurationAnswer) return [answer("configuration", status)];
  return message === messages.resetAnswer ? [answer("reset", status)] : [];
}

function answer(what: string, status: number): ReceiverEvent {
  return {
    kind: "answer",
    isGood: status === 0,
    words: status === 0 ? `${what} taken` : `${what} refused (${status})`,
  };
}

/** What the receiver sends of a telegram (from its L field on, without CRCs), signal and CRC behind it. */
export function encodeIm871aTelegram(telegram: Uint8Array, rssiDbm: number): Uint8Array {
  const rssi = Math.min(255, Math.max(0, Math.round(((rssiDbm + 100 + 4000 / 150) * 150) / 80)));
  const control = flags.crc | flags.rssi | endpoints.radio;
  const body = telegram.subarray(1);
  const bytes = Uint8Array.of(startByte, control, messages.telegram, body.length, ...body, rssi, 0, 0);
  const crc = crcX25(bytes, 1, bytes.length - 2);
  bytes[bytes.length - 2] = crc & 0xff;
  bytes[bytes.length - 1] = crc >> 8;
  return bytes;
}

/** IMST's straight line: 45 is -102.7 dBm, 150 steps are 80 dB. Whole dB. */
export function im871aRssiDbm(raw: number): number {
  return Math.round((raw * 80) / 150 - 100 - 4000 / 150);
}

export const im871aBaudRate = 57_600;
