/**
 * Lines of hex, as gateways on ESP32, scripts and `socat` send them: bare hex (blanks and `_` allowed), `0x…`,
 * `telegram=|…|` as wmbusmeters logs them, JSON with the hex in `telegram`, `data`, `hex` or `raw` and the signal in
 * `rssi`; and the hexdump of Elvaco receivers, `id; MAN;ver;dev;st;rssi;mode;HEX;`. With CRCs or without.
 */
import { hexBytes } from "./line-splitter.js";
import type { ReceiverDriver, ReceiverEvent } from "./receiver.js";
import { lineDriver } from "./rtl-wmbus.js";
import { leastTelegramBytes, looksLikeTelegram, withLength } from "./telegram-bytes.js";

export function createHexLines(): ReceiverDriver {
  return lineDriver((line) => (line.startsWith("{") ? readJson(line) : readHex(line)));
}

export function createElvacoHexdump(): ReceiverDriver {
  return lineDriver(readHexdump);
}

function readHex(line: string): readonly ReceiverEvent[] {
  const marked = /^telegram=\|([^|]*)\|/.exec(line)?.[1] ?? line;
  const hex = marked.replace(/^0x/i, "").replace(/[\s_]/g, "");
  // Comments and greetings are no telegrams; a line that begins with eight digits means to be one.
  if (!/^[0-9a-fA-F]{8}/.test(hex)) return [];
  return telegram(hex, undefined, undefined);
}

function readJson(line: string): readonly ReceiverEvent[] {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return [{ kind: "rejected", reason: "cutShort" }];
  }
  const hex = [fields["telegram"], fields["data"], fields["hex"], fields["raw"]].find(
    (field): field is string => typeof field === "string",
  );
  const { rssi, mode } = fields;
  if (hex === undefined) return [];
  return telegram(
    hex.replace(/^0x/i, ""),
    typeof rssi === "number" ? rssi : undefined,
    typeof mode === "string" ? mode : undefined,
  );
}

function readHexdump(line: string): readonly ReceiverEvent[] {
  const fields = line.split(";").map((field) => field.trim());
  if (fields.length < 8) return [];
  const [, , , , , rssi = "", mode = "", hex = ""] = fields;
  const level = /^-?\d+(\.\d+)?/.exec(rssi)?.[0];
  return telegram(hex, level === undefined ? undefined : Number(level), mode === "" ? undefined : mode);
}

function telegram(hex: string, rssiDbm: number | undefined, mode: string | undefined): readonly ReceiverEvent[] {
  const bytes = hexBytes(hex);
  if (bytes === undefined) return [{ kind: "rejected", reason: "badHex" }];
  const whole = wholeTelegram(bytes);
  if (whole === undefined) return [{ kind: "rejected", reason: "cutShort" }];
  return [{ kind: "telegram", bytes: whole, frameFormat: undefined, rssiDbm, mode }];
}

/** The telegram from its L field on, which some leave out. */
function wholeTelegram(bytes: Uint8Array): Uint8Array | undefined {
  const length = bytes[0] ?? 0;
  if (length >= leastTelegramBytes - 1 && bytes.length > length && looksLikeTelegram(bytes, 1)) return bytes;
  if (bytes.length >= leastTelegramBytes - 1 && bytes.length <= 0xff && looksLikeTelegram(bytes, 0)) {
    return withLength(bytes);
  }
  return undefined;
}
