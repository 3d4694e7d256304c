/**
 * What the orthogonal VIFEs say, as data: record errors, combinable VIFEs and their extension behind FC
 * (EN 13757-3; facts from the project's M-Bus notes). Codes are without the extension bit.
 */
import { timeUnits } from "./vif-tables.js";

/** What one VIFE does to a record. */
export type VifeMeaning =
  | { readonly effect: "error"; readonly words: string }
  | { readonly effect: "modifier"; readonly words: string }
  /** The data is a compact profile, kept as sent. */
  | { readonly effect: "profile"; readonly words: string }
  /** The data is a count, without the unit of the VIF. */
  | { readonly effect: "count"; readonly words: string }
  /** The data is a duration in `unit`. */
  | { readonly effect: "duration"; readonly words: string; readonly unit: string }
  /** The data is a date or date-time. */
  | { readonly effect: "date"; readonly words: string }
  /** The unit of the VIF is its counterpart in the non-metric table. */
  | { readonly effect: "nonMetric"; readonly words: string }
  | { readonly effect: "multiply"; readonly words: string; readonly exponent: number }
  /** 10^`exponent` is added. */
  | { readonly effect: "add"; readonly words: string; readonly exponent: number }
  /** The next VIFE is from the extension table. */
  | { readonly effect: "extension" }
  /** All further VIFEs are the manufacturer's. */
  | { readonly effect: "manufacturer" };

const recordErrors: Readonly<Record<number, string>> = {
  1: "too many DIFEs",
  2: "storage number not implemented",
  3: "unit number not implemented",
  4: "tariff number not implemented",
  5: "function not implemented",
  6: "data class not implemented",
  7: "data size not implemented",
  11: "too many VIFEs",
  12: "illegal VIF group",
  13: "illegal VIF exponent",
  14: "VIF/DIF mismatch",
  15: "unimplemented action",
  21: "no data available",
  22: "data overflow",
  23: "data underflow",
  24: "data error",
  28: "premature end of record",
};

const modifiers: Readonly<Record<number, string>> = {
  18: "average value",
  20: "relative deviation",
  29: "standard conform data content",
  32: "per second",
  33: "per minute",
  34: "per hour",
  35: "per day",
  36: "per week",
  37: "per month",
  38: "per year",
  39: "per revolution/measurement",
  40: "increment per input pulse ch 0",
  41: "increment per input pulse ch 1",
  42: "increment per output pulse ch 0",
  43: "increment per output pulse ch 1",
  44: "per l",
  45: "per m3",
  46: "per kg",
  47: "per K",
  48: "per kWh",
  49: "per GJ",
  50: "per kW",
  51: "per K*l",
  52: "per V",
  53: "per A",
  54: "multiplied by s",
  55: "multiplied by s/V",
  56: "multiplied by s/A",
  58: "uncorrected unit",
  59: "accumulation only if positive",
  60: "accumulation of abs value only if negative",
  62: "value at base conditions",
  63: "OBIS declaration",
  64: "lower limit value",
  72: "upper limit value",
  104: "value during lower limit exceed",
  105: "leakage value",
  108: "value during upper limit exceed",
  109: "overflow value",
  126: "future value",
};

/** VIFEs behind FC. */
const extensionModifiers: Readonly<Record<number, string>> = {
  1: "phase L1",
  2: "phase L2",
  3: "phase L3",
  4: "neutral N",
  5: "phases L1-L2",
  6: "phases L2-L3",
  7: "phases L3-L1",
  8: "quadrant Q1",
  9: "quadrant Q2",
  10: "quadrant Q3",
  11: "quadrant Q4",
  12: "delta between import and export",
  16: "accumulation of abs value of both",
  17: "data of type C (unsigned)",
  18: "data of type D (bits)",
  // Two of these are the directions to the meter and from it: public sources disagree which.
  19: "direction 0x13",
  20: "direction 0x14",
  21: "direction 0x15",
};

const profiles: Readonly<Record<number, string>> = {
  19: "inverse compact profile",
  30: "compact profile with register numbers",
  31: "compact profile",
};

const counts: Readonly<Record<number, string>> = {
  65: "number of exceeds of lower limit",
  73: "number of exceeds of upper limit",
};

/** 39 start date; 42-4F and 6A-6F dates of limit exceeds and of first or last begin and end. */
const dateCodes: readonly number[] = [0x39, 0x42, 0x43, 0x46, 0x47, 0x4a, 0x4b, 0x4e, 0x4f, 0x6a, 0x6b, 0x6e, 0x6f];

/** `0x6f`: how a code stands in words where the words alone would be long. */
export function hexCode(code: number): string {
  return `0x${code.toString(16).padStart(2, "0")}`;
}

function meaningOf(code: number): VifeMeaning {
  if (dateCodes.includes(code)) return { effect: "date", words: `date(/time) ${hexCode(code)}` };
  if ((code >= 0x50 && code <= 0x5f) || (code >= 0x60 && code <= 0x67)) {
    return { effect: "duration", words: `duration ${hexCode(code)}`, unit: timeUnits[code & 3] ?? "s" };
  }
  if (code >= 0x70 && code <= 0x77) return multiplier(code - 0x70 - 6);
  if (code >= 0x78 && code <= 0x7b) {
    return { effect: "add", words: `plus 10^${code - 0x78 - 3}`, exponent: code - 0x78 - 3 };
  }
  if (code === 0x7c) return { effect: "extension" };
  if (code === 0x7d) return multiplier(3);
  if (code === 0x7f) return { effect: "manufacturer" };
  if (code === 0x3d) return { effect: "nonMetric", words: "non-metric units" };
  const error = recordErrors[code];
  if (error !== undefined) return { effect: "error", words: error };
  const profile = profiles[code];
  if (profile !== undefined) return { effect: "profile", words: profile };
  const count = counts[code];
  if (count !== undefined) return { effect: "count", words: count };
  return { effect: "modifier", words: modifiers[code] ?? `VIFE ${hexCode(code)}` };
}

function multiplier(exponent: number): VifeMeaning {
  return { effect: "multiply", words: `times 10^${exponent}`, exponent };
}

const table: readonly VifeMeaning[] = Array.from({ length: 128 }, (_, code) => meaningOf(code));

/** Meaning of a VIFE; the extension bit is ignored. */
export function vifeMeaning(vife: number): VifeMeaning {
  return table[vife & 0x7f] ?? { effect: "modifier", words: hexCode(vife) };
}

/** Whether a VIFE behind FC makes the data unsigned, whatever the VIF says: type C, and the bits of type D. */
export function makesUnsigned(vife: number): boolean {
  return (vife & 0x7f) === typeC || (vife & 0x7f) === 0x12;
}

/** Of a VIFE behind FC: the number itself, in another form. */
export const typeC = 0x11;

/** Words of a VIFE behind FC. */
export function extensionWords(vife: number): string {
  return extensionModifiers[vife & 0x7f] ?? `VIFE 0xfc ${hexCode(vife & 0x7f)}`;
}
