/**
 * How the data bytes of a record are coded, told by data field, VIF and VIFEs together; settled once per header, so
 * that reading a value is one switch (EN 13757-3, data field and types A-J).
 */
import type { ValueKind } from "./vif-tables.js";

export const Coding = {
  none: 0,
  signed: 1,
  unsigned: 2,
  int64: 3,
  uint64: 4,
  float: 5,
  bcd: 6,
  dateG: 7,
  timeJ: 8,
  datetimeF: 9,
  datetimeI: 10,
  variable: 11,
  /** A date of variable length (type M): kept as bytes, since its parts are not public. */
  variableDate: 12,
  /** Variable length, kept as bytes: data containers and the listening window. */
  variableBytes: 13,
} as const;
export type Coding = (typeof Coding)[keyof typeof Coding];

/** In place of a length: it stands in an LVAR byte before the data. */
export const lengthInLvar = -1;

/** Data bytes by data field; -1 behind an LVAR byte. Field F has no data of its own and never comes here. */
const lengths: readonly number[] = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, -1, 6, 0];

/** Bytes a data field takes; -1 where the first byte is an LVAR. */
export function dataLength(dataField: number): number {
  return lengths[dataField & 0x0f] ?? 0;
}

/** @param kind  what VIF and VIFEs say the value is */
export function codingOf(dataField: number, kind: ValueKind): Coding {
  switch (dataField) {
    case 0x0:
    case 0x8:
      return Coding.none;
    case 0x5:
      return Coding.float;
    case 0xd:
      return variableCodings[kind] ?? Coding.variable;
    case 0x9:
    case 0xa:
    case 0xb:
    case 0xc:
    case 0xe:
      return Coding.bcd;
  }
  if (kind === "date") {
    const date = dateCodings[dataField];
    if (date !== undefined) return date;
  }
  const isUnsigned = kind === "unsigned" || kind === "container";
  if (dataField === 0x7) return isUnsigned ? Coding.uint64 : Coding.int64;
  return isUnsigned ? Coding.unsigned : Coding.signed;
}

const variableCodings: Readonly<Partial<Record<ValueKind, Coding>>> = {
  date: Coding.variableDate,
  container: Coding.variableBytes,
};

const dateCodings: Readonly<Record<number, Coding>> = {
  2: Coding.dateG,
  3: Coding.timeJ,
  4: Coding.datetimeF,
  6: Coding.datetimeI,
};

/** What an LVAR byte announces. */
export type VariableKind = "text" | "bcd" | "negativeBcd" | "binary";

/** Data bytes behind an LVAR; -1 for the reserved ones, whose length nobody knows. */
export function variableLength(lvar: number): number {
  if (lvar <= 0xbf) return lvar;
  if (lvar <= 0xc9) return lvar - 0xc0;
  if (lvar >= 0xd0 && lvar <= 0xd9) return lvar - 0xd0;
  if (lvar >= 0xe0 && lvar <= 0xef) return lvar - 0xe0;
  if (lvar >= 0xf0 && lvar <= 0xf4) return 4 * (lvar - 0xec);
  if (lvar === 0xf5) return 48;
  if (lvar === 0xf6) return 64;
  return -1;
}

export function variableKind(lvar: number): VariableKind {
  if (lvar <= 0xbf) return "text";
  if (lvar <= 0xc9) return "bcd";
  return lvar <= 0xd9 ? "negativeBcd" : "binary";
}
