/**
 * Byte streams of receivers and what is in them. Telegrams: T is from the wmbusmeters project's simulations (public
 * domain test data), as are the iU891A stream and the rtl_433 line (comments of its drivers). Checksums are worked out
 * here, bit by bit, not by the drivers' tables.
 */
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import type { ReceiverTypeName } from "../../../src/mbus/index.js";

/** L 18, no CRCs: a meter of KAS… as the iU891A's recorded stream carries it. */
export const telegram = "1844ae4c4455223368077a55000000041389e20100023b0000";
const body = telegram.slice(2);
/** Lines published in xaelsouth/rtl-wmbus issue 38 and merbanan/rtl_433 issue 3400. */
export const izar = "1344304c1c7406018800a04114001300aa3afd3c";
const hydrometer = "1944304c53fc5ea12404a2611940133e55d1a7a23ad208ba62c7";

const byte = (value: number) => (value & 0xff).toString(16).padStart(2, "0");

/** CRC-16/X-25 by its definition: reflected 1021h, start and end FFFFh. */
export function x25(hex: string): string {
  let crc = 0xffff;
  for (const value of fromHex(hex)) {
    for (let bit = 0; bit < 8; bit++) {
      const isSet = ((crc ^ (value >> bit)) & 1) === 1;
      crc >>= 1;
      if (isSet) crc ^= 0x8408;
    }
  }
  crc ^= 0xffff;
  return byte(crc) + byte(crc >> 8);
}

export const xor = (hex: string) => byte(fromHex(hex).reduce((sum, value) => sum ^ value, 0));

/** CRC of the radio (polynomial 3D65h, complemented), for lines that carry it. */
export function radioCrc(hex: string): string {
  let crc = 0;
  for (const value of fromHex(hex)) {
    for (let bit = 7; bit >= 0; bit--) {
      const isSet = ((crc >> 15) ^ (value >> bit)) & 1;
      crc = (crc << 1) & 0xffff;
      if (isSet === 1) crc ^= 0x3d65;
    }
  }
  return byte(~crc >> 8) + byte(~crc);
}

/** Frame format A: a CRC behind the first 10 bytes and behind every 16 further ones. */
export function formatA(hex: string): string {
  const blocks = [hex.slice(0, 20), ...(hex.slice(20).match(/.{1,32}/g) ?? [])];
  return blocks.map((block) => block + radioCrc(block)).join("");
}

/** Frame format B of at most 128 bytes: one CRC at the end, counted by L. */
export function formatB(hex: string): string {
  const counted = byte(Number.parseInt(hex.slice(0, 2), 16) + 2) + hex.slice(2);
  return counted + radioCrc(counted);
}

export interface StreamCase {
  readonly type: ReceiverTypeName;
  readonly what: string;
  /** Hex, or text that begins with `text:`. */
  readonly stream: string;
  /** Telegram, signal, mode. */
  readonly telegrams: readonly (readonly [string, number | undefined, string | undefined])[];
  readonly rejected?: readonly string[];
  readonly answers?: readonly string[];
  readonly appendsRssi?: boolean;
}

const text = (...lines: readonly string[]) => `text:${lines.join("\n")}\n`;
const imTelegram = (control: string, tail = "") => {
  const inner = `${control}03${byte(body.length / 2)}${body}${tail}`;
  return `a5${inner}${x25(inner)}`;
};
const amberRssi = `ff03${byte(body.length / 2 + 1)}${body}77`;
const amberPlain = `ff03${byte(body.length / 2)}${body}`;
const amberUncounted = `ff03${byte(body.length / 2)}${body}77`;
const iu = "c009209f436d38000002e71844ae4c4455223368077a55000000041389e20100023b0000af59c0";
const rtl433Header = "time,msg,codes,model,count,num_rows,rows,mic,mode,M,id,version,type,data_length,data";

export const streamCases: readonly StreamCase[] = [
  {
    type: "im871a",
    what: "control bits for time, signal and CRC: A5 E2 03 …; 85 is 85*80/150 - 126.7 = -81",
    stream: imTelegram("e2", "d202964955"),
    telegrams: [[telegram, -81, undefined]],
  },
  { type: "im871a", what: "CRC alone", stream: imTelegram("82"), telegrams: [[telegram, undefined, undefined]] },
  {
    type: "im871a",
    what: "nothing behind the payload",
    stream: `a50203${byte(body.length / 2)}${body}`,
    telegrams: [[telegram, undefined, undefined]],
  },
  {
    type: "im871a",
    what: "garbage, starts of nothing, a wrong CRC, an answer to the configuration",
    stream: `00a5a5ff${imTelegram("82").slice(0, -2)}00${`a5810401 00${x25("81040100")}`.replace(" ", "")}${imTelegram("82")}`,
    telegrams: [[telegram, undefined, undefined]],
    rejected: ["checksum"],
    answers: ["configuration taken"],
  },
  {
    type: "iu891a",
    what: "recorded: C0 09 20 time4 status2 mode 02 signal E7 (-25 dBm) telegram crc C0",
    stream: iu,
    telegrams: [[telegram, -25, "T"]],
  },
  {
    type: "iu891a",
    what: "two with garbage before, an end shared, a wrong CRC, an answer",
    stream: `0102${iu}${iu.slice(2)}${iu.slice(2, -6)}0000c0${`0904 00${x25("090400")}`.replace(" ", "")}c0`,
    telegrams: [
      [telegram, -25, "T"],
      [telegram, -25, "T"],
    ],
    rejected: ["cutShort", "checksum"],
    answers: ["configuration taken"],
  },
  {
    type: "amb8465",
    what: "command output with counted signal: 77h = 119 / 2 - 74 = -14.5",
    stream: amberRssi + xor(amberRssi),
    appendsRssi: true,
    telegrams: [[telegram, -14.5, undefined]],
  },
  {
    type: "amb8465",
    what: "signal that the length does not count",
    stream: amberUncounted + xor(amberUncounted),
    appendsRssi: true,
    telegrams: [[telegram, -14.5, undefined]],
  },
  {
    type: "amb8465",
    what: "the stick says that no signal is appended: parameter 45h is 0",
    stream: `ff8a03450100${xor("ff8a03450100")}${amberPlain}${xor(amberPlain)}`,
    appendsRssi: true,
    telegrams: [[telegram, undefined, undefined]],
  },
  {
    type: "amb8465",
    what: "bare telegrams, garbage between, mode taken",
    stream: `00ff${telegram}0a44ff840100${xor("ff840100")}${telegram}`,
    telegrams: [
      [telegram, undefined, undefined],
      [telegram, undefined, undefined],
    ],
    answers: ["mode taken"],
  },
  {
    type: "amb8465",
    what: "a wrong checksum costs that telegram alone",
    stream: `${amberPlain}00${amberPlain}${xor(amberPlain)}`,
    telegrams: [[telegram, undefined, undefined]],
    rejected: ["checksum"],
  },
  {
    type: "culfw",
    what: "format A, then quality and signal: C4h = -60 / 2 - 74 = -104",
    stream: text("TMODE\r", `b${formatA(telegram).toUpperCase()}80C4\r`),
    telegrams: [[formatA(telegram), -104, "T"]],
    answers: ["TMODE"],
  },
  {
    type: "culfw",
    what: "format B; without signal; cut by the firmware; not hex",
    stream: text(
      `bY${formatB(telegram)}8016`,
      `b${formatA(izar)}`,
      `b${formatA(telegram).slice(0, 56)}`,
      "bXYZ",
      "V 1.67 nanoCUL868",
    ),
    telegrams: [
      [formatB(telegram), -63, "C"],
      [formatA(izar), undefined, undefined],
    ],
    rejected: ["cutShort", "badHex"],
  },
  {
    type: "rc1180",
    what: "signal appended, not counted: 8Ch = -70 dBm; garbage between",
    stream: `${telegram}8c00ff${izar}a1`,
    appendsRssi: true,
    telegrams: [
      [telegram, -70, undefined],
      [izar, -80.5, undefined],
    ],
  },
  {
    type: "rawBytes",
    what: "one behind the other",
    stream: `0344${telegram}${izar}`,
    telegrams: [
      [telegram, undefined, undefined],
      [izar, undefined, undefined],
    ],
  },
  {
    type: "rtlWmbus",
    what: "published lines; CRC not good; two telegrams in a line; other words",
    stream: text(
      "rtl_wmbus: starting",
      `T1;1;1;2022-08-23 23:20:57.000;127;162;0106741C;0x${izar}`,
      `C1;1;1;2022-08-23 23:20:57.000;127;162;0106741C;0x${hydrometer};0x${izar}`,
      "T1;0;0;2024-03-26 21:22:31.000;63;69;FFFF8569;0x294468506985ffffffffffffff2f61ff",
      "T1;1;1;2024-03-26 21:22:31.000;63;69;FFFF8569;0x2944685069",
    ),
    telegrams: [
      [izar, undefined, "T1"],
      [hydrometer, undefined, "C1"],
      [izar, undefined, "C1"],
    ],
    rejected: ["radioCrc", "cutShort"],
  },
  {
    type: "rtl433",
    what: "JSON; another model; a line cut; CSV with and without its head; a length of before the CRCs went",
    stream: text(
      `{"time":"2024-06-17 16:43:24","model":"Wireless-MBus","mode":"C","M":"DME","data":"${telegram}","mic":"CRC"}`,
      '{"time":"2024-06-17 16:43:24","model":"Fineoffset-WH24","id":12}',
      '{"time":"2024-06-17 16:43:24","model":"Wireless-MBus","mode":"C",',
      "2020-08-10 20:40:47,,,Wireless-MBus,,22232425,,,,CRC,,,,25442d2c252423221b168d209f38810821c3f371825d5c25b5bdea9821786aec9e2d,,,22,C",
      rtl433Header,
      `2024-06-17 16:43:24,,,Wireless-MBus,,,,CRC,T,HYD,106741C,1,7,19,${izar}`,
    ),
    telegrams: [
      [telegram, undefined, "C"],
      ["21442d2c252423221b168d209f38810821c3f371825d5c25b5bdea9821786aec9e2d", undefined, undefined],
      [izar, undefined, "T"],
    ],
    rejected: ["cutShort"],
  },
  {
    type: "rtl433",
    what: "lines whose mode is null or empty, of a reader that fills in what is missing",
    stream: text(
      `{"model":"Wireless-MBus","mode":null,"data":"${telegram}"}`,
      `{"model":"Wireless-MBus","mode":"","data":"${izar}"}`,
      `{"model":null,"mode":null,"data":"${izar}"}`,
      '{"model":"Wireless-MBus","mode":null,"data":null}',
    ),
    telegrams: [
      [telegram, undefined, undefined],
      [izar, undefined, undefined],
    ],
  },
  {
    type: "hexLines",
    what: "bare, with blanks, 0x, wmbusmeters' log, JSON, without L; words are no telegrams",
    stream: text(
      "# hello",
      telegram,
      `18 44 ${telegram.slice(4)}`,
      `0x${telegram}`,
      `telegram=|${telegram}|+12`,
      `{"telegram":"${telegram}","rssi":-71.5,"mode":"T1"}`,
      body,
      "12345678zz",
      "ffffffff",
    ),
    telegrams: [
      [telegram, undefined, undefined],
      [telegram, undefined, undefined],
      [telegram, undefined, undefined],
      [telegram, undefined, undefined],
      [telegram, -71.5, "T1"],
      [telegram, undefined, undefined],
    ],
    rejected: ["badHex", "cutShort"],
  },
  {
    type: "elvacoHexdump",
    what: "id; MAN;ver;dev;st;rssi;mode;HEX;",
    stream: text(`33225544; SEN;68;07;00;-71;T1;${telegram.toUpperCase()};`, "ready"),
    telegrams: [[telegram, -71, "T1"]],
  },
];

export function streamBytes({ stream }: Pick<StreamCase, "stream">): Uint8Array {
  return stream.startsWith("text:") ? new TextEncoder().encode(stream.slice(5)) : fromHex(stream);
}

export { toHex };
