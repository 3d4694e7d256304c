/**
 * The control information field, all 256 values: what each announces, who sends it, and how a wired telegram with it
 * is answered (EN 13757-7, CI fields; MBUS facts, part a). Names stand here once: decoder, explanation and refusals
 * use them.
 */
import { type HeaderPlaces, longHeader, noHeader, shortHeader } from "./telegram-header.js";

/** `link` fields belong to layers below the application: they stand before another CI field. */
export type Direction = "toMeter" | "fromMeter" | "both" | "link" | "none";

/** How a meter's wired answer is read. `refused`: no readout stands behind it. */
export type Treatment = "variable" | "fixed" | "compact" | "applicationError" | "alarm" | "refused";

export interface ControlInformation {
  readonly code: number;
  readonly name: string;
  readonly direction: Direction;
  readonly treatment: Treatment;
  /** Header behind the CI field; undefined where none of the three follows. */
  readonly header: HeaderPlaces | undefined;
}

type Row = readonly [
  from: number,
  to: number,
  name: string,
  direction: Direction,
  header?: HeaderPlaces | undefined,
  treatment?: Treatment,
];

const rows: readonly Row[] = [
  [0x00, 0x1f, "DLMS segment", "both"],
  [0x50, 0x50, "application reset", "toMeter", noHeader],
  [0x51, 0x51, "data to the meter", "toMeter", noHeader],
  [0x52, 0x52, "selection by secondary address", "toMeter", noHeader],
  [0x53, 0x53, "application reset or selection, long header", "toMeter", longHeader],
  [0x54, 0x54, "request of the selected application, no header", "toMeter", noHeader],
  // 55 and 56 are mode 2 (most significant byte first) of 51 and 52 with old masters.
  [0x55, 0x55, "request of the selected application, long header; data to the meter, mode 2", "toMeter"],
  [0x56, 0x56, "selection by secondary address, mode 2", "toMeter", noHeader],
  [0x5a, 0x5a, "command, short header", "toMeter", shortHeader],
  [0x5b, 0x5b, "command, long header", "toMeter", longHeader],
  [0x5c, 0x5c, "synchronise action", "toMeter", noHeader],
  [0x5f, 0x5f, "specific usage: security handshake to the meter, long header", "toMeter", longHeader],
  [0x60, 0x60, "DLMS to the meter, long header", "toMeter", longHeader],
  [0x61, 0x61, "DLMS to the meter, short header", "toMeter", shortHeader],
  [0x64, 0x64, "SML to the meter, long header", "toMeter", longHeader],
  [0x65, 0x65, "SML to the meter, short header", "toMeter", shortHeader],
  [0x66, 0x66, "selected application, no header", "fromMeter", noHeader],
  [0x67, 0x67, "selected application, short header", "fromMeter", shortHeader],
  [0x68, 0x68, "selected application, long header", "fromMeter", longHeader],
  [0x69, 0x69, "format of compact frames, no header", "fromMeter", noHeader],
  [0x6a, 0x6a, "format of compact frames, short header", "fromMeter", shortHeader],
  [0x6b, 0x6b, "format of compact frames, long header", "fromMeter", longHeader],
  [0x6c, 0x6c, "clock synchronisation, absolute", "toMeter", longHeader],
  [0x6d, 0x6d, "clock synchronisation, relative", "toMeter", longHeader],
  [0x6e, 0x6e, "application error, short header", "fromMeter", shortHeader, "applicationError"],
  [0x6f, 0x6f, "application error, long header", "fromMeter", longHeader, "applicationError"],
  [0x70, 0x70, "application error", "fromMeter", noHeader, "applicationError"],
  [0x71, 0x71, "alarm", "fromMeter", noHeader, "alarm"],
  [0x72, 0x72, "readout, long header", "fromMeter", longHeader, "variable"],
  [0x73, 0x73, "fixed data structure", "fromMeter", undefined, "fixed"],
  [0x74, 0x74, "alarm, short header", "fromMeter", shortHeader, "alarm"],
  [0x75, 0x75, "alarm, long header", "fromMeter", longHeader, "alarm"],
  // Mode 2 announces the most significant byte first; the one telegram with 76 that is public has the least significant
  // byte first all the same. None with 77 is public: it is refused, for a counter read the wrong way round is money.
  [0x76, 0x76, "readout, long header, mode 2", "fromMeter", longHeader, "variable"],
  [0x77, 0x77, "fixed data structure, mode 2 (most significant byte first)", "fromMeter"],
  [0x78, 0x78, "readout, no header", "fromMeter", noHeader, "variable"],
  [0x79, 0x79, "compact readout, no header", "fromMeter", noHeader, "compact"],
  [0x7a, 0x7a, "readout, short header", "fromMeter", shortHeader, "variable"],
  [0x7b, 0x7b, "compact readout, short header", "fromMeter", shortHeader, "compact"],
  [0x7c, 0x7c, "DLMS from the meter, long header", "fromMeter", longHeader],
  [0x7d, 0x7d, "DLMS from the meter, short header", "fromMeter", shortHeader],
  [0x7e, 0x7e, "SML from the meter, long header", "fromMeter", longHeader],
  [0x7f, 0x7f, "SML from the meter, short header", "fromMeter", shortHeader],
  [0x80, 0x80, "transport layer alone, long header, to the meter", "toMeter", longHeader],
  [0x81, 0x81, "network layer", "link"],
  [0x82, 0x82, "network management to the device, long header", "toMeter", longHeader],
  [0x83, 0x83, "network management to the device, no header", "toMeter", noHeader],
  [0x84, 0x84, "transport layer to the device, compact frame expected", "toMeter", longHeader],
  [0x85, 0x85, "transport layer to the device, format frame expected", "toMeter", longHeader],
  [0x86, 0x86, "extended link layer V", "link"],
  [0x87, 0x87, "network management from the device, long header", "fromMeter", longHeader],
  [0x88, 0x88, "network management from the device, short header", "fromMeter", shortHeader],
  [0x89, 0x89, "network management from the device, no header", "fromMeter", noHeader],
  [0x8a, 0x8a, "transport layer alone, short header", "fromMeter", shortHeader],
  [0x8b, 0x8b, "transport layer alone, long header", "fromMeter", longHeader],
  [0x8c, 0x8c, "extended link layer I", "link"],
  [0x8d, 0x8d, "extended link layer II", "link"],
  [0x8e, 0x8e, "extended link layer III", "link"],
  [0x8f, 0x8f, "extended link layer IV", "link"],
  [0x90, 0x90, "authentication and fragmentation layer", "link"],
  [0x9e, 0x9e, "specific usage: security handshake from the meter, short header", "fromMeter", shortHeader],
  [0x9f, 0x9f, "specific usage: security handshake from the meter, long header", "fromMeter", longHeader],
  [0xa0, 0xb7, "manufacturer specific", "both"],
  [0xb8, 0xb8, "set baud rate 300", "toMeter"],
  [0xb9, 0xb9, "set baud rate 600", "toMeter"],
  [0xba, 0xba, "set baud rate 1200", "toMeter"],
  [0xbb, 0xbb, "set baud rate 2400", "toMeter"],
  [0xbc, 0xbc, "set baud rate 4800", "toMeter"],
  [0xbd, 0xbd, "set baud rate 9600", "toMeter"],
  [0xbe, 0xbe, "set baud rate 19200", "toMeter"],
  [0xbf, 0xbf, "set baud rate 38400", "toMeter"],
  [0xc0, 0xc0, "image transfer command, long header", "toMeter", longHeader],
  [0xc1, 0xc1, "image transfer response, short header", "fromMeter", shortHeader],
  [0xc2, 0xc2, "image transfer response, long header", "fromMeter", longHeader],
  [0xc3, 0xc3, "security information command, long header", "toMeter", longHeader],
  [0xc4, 0xc4, "security information response, short header", "fromMeter", shortHeader],
  [0xc5, 0xc5, "security information response, long header", "fromMeter", longHeader],
];

const table: readonly ControlInformation[] = Array.from({ length: 256 }, (_, code) => {
  const row = rows.find(([from, to]) => code >= from && code <= to);
  if (row === undefined) return { code, name: "reserved", direction: "none", treatment: "refused", header: undefined };
  const [, , name, direction, header, treatment = "refused"] = row;
  return { code, name, direction, treatment, header };
});

/** @param code  0 to 255 */
export function controlInformation(code: number): ControlInformation {
  return table[code & 0xff] as ControlInformation;
}

const why: Readonly<Record<Direction, string>> = {
  toMeter: "is sent to meters",
  fromMeter: "carries no data records",
  both: "carries no data records",
  link: "belongs to a layer below and is not used on wires",
  none: "has no meaning",
};

/** The reason of that refusal: what goes to meters is known, and holds no readout. */
export function refusalReason(code: number): "sentToMeter" | "unknownControlInformation" {
  return controlInformation(code).direction === "toMeter" ? "sentToMeter" : "unknownControlInformation";
}

/** Why a telegram with this control information is no readout: for the detail of a refusal. */
export function refusalWords(code: number): string {
  const { name, direction } = controlInformation(code);
  if (code === 0x77) return `CI 77, ${name}, is not read: no telegram of it is known that tells the order of its bytes`;
  return `CI ${code.toString(16).padStart(2, "0").toUpperCase()}, ${name}, ${why[direction]}`;
}
