/**
 * CUL, nanoCUL and other sticks with culfw: a line a telegram, `b` (frame format A) or `bY` (format B), hex with CRCs,
 * and behind it link quality and signal strength, one byte each, as `X21` asks for. `brt` and its like switch the
 * mode; the stick answers TMODE.
 */
import { encodeWirelessFrame } from "../wireless/index.js";
import { hexBytes, LineSplitter } from "./line-splitter.js";
import { type ModeCodes, modeCode, type ReceiverDriver, type ReceiverEvent, type ReceiverOptions } from "./receiver.js";
import { halfDecibelRssi, leastTelegramBytes } from "./telegram-bytes.js";

export const culfwModes: ModeCodes<string> = { S: "s", T: "t", C: "c", CT: "c" };

export function createCulfw({ mode }: ReceiverOptions): ReceiverDriver {
  const letter = modeCode(culfwModes, mode);
  let heardMode: string | undefined;
  const lines = new LineSplitter((line) => {
    const confirmed = /^([STC])MODE$/.exec(line)?.[1];
    if (confirmed !== undefined) {
      heardMode = confirmed;
      return [{ kind: "answer", isGood: confirmed === letter.toUpperCase(), words: line }];
    }
    return readLine(line, heardMode);
  });
  return {
    push: (chunk) => lines.push(chunk),
    flush: () => lines.flush(),
    startCommands: () => [
      { bytes: command("X21"), pauseMs: 200 },
      // In C mode culfw hears T too, as far as it can: CT is the same.
      { bytes: command(`br${letter}`), pauseMs: 200 },
    ],
    resetCommands: () => [{ bytes: command("B00"), pauseMs: 3000 }],
    silenceMs: undefined,
    get pendingBytes() {
      return lines.pendingBytes;
    },
    get skippedBytes() {
      return lines.skippedBytes;
    },
  };
}

function command(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\r\n`);
}

function readLine(line: string, mode: string | undefined): readonly ReceiverEvent[] {
  const found = /^b(Y?)(.*)$/i.exec(line);
  if (found === null) return [];
  const [, y = "", hex = ""] = found;
  const bytes = hexBytes(hex);
  if (bytes === undefined) return [{ kind: "rejected", reason: "badHex" }];
  const frameFormat = y === "" ? "A" : "B";
  const size = totalBytes(bytes[0] ?? 0, frameFormat);
  if (bytes.length < Math.max(size, leastTelegramBytes)) return [{ kind: "rejected", reason: "cutShort" }];
  const added = bytes.length - size;
  if (added > 2) return [{ kind: "rejected", reason: "tooLong" }];
  const rssiDbm = added === 0 ? undefined : halfDecibelRssi(bytes[bytes.length - 1] as number);
  const isC = frameFormat === "B";
  return [{ kind: "telegram", bytes: bytes.slice(0, size), frameFormat, rssiDbm, mode: isC ? "C" : mode }];
}

/** Format A has two bytes of CRC behind the first 10 and behind every 16 further ones, which L does not count. */
function totalBytes(length: number, format: "A" | "B"): number {
  return format === "B" ? length + 1 : length + 1 + 2 + 2 * Math.ceil(Math.max(0, length - 9) / 16);
}

/** The line of a telegram (from its L field on, without CRCs) in frame format A, with quality and signal. */
export function encodeCulfwLine(telegram: Uint8Array, rssiDbm: number): Uint8Array {
  const [, control = 0] = telegram;
  const frame = encodeWirelessFrame({
    control,
    address: telegram.subarray(2, 10),
    data: telegram.subarray(10),
    format: "A",
  });
  const goodQuality = 0x80;
  const rssi = Math.round((rssiDbm + 74) * 2) & 0xff;
  return new TextEncoder().encode(`b${hexText(frame)}${hexText([goodQuality, rssi])}\r\n`);
}

function hexText(bytes: Iterable<number>): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("");
}

export const culfwBaudRate = 38_400;
