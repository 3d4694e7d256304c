/**
 * Decimal text and JSON numbers: a value is a number only where a reader that parses JSON into a double and prints it
 * shows the same digits.
 */
import { nearestDecimal } from "../../../cosem/index.js";

/** A double keeps any decimal of 15 significant digits (IEEE 754, DBL_DIG). */
const safeSignificantDigits = 15;

/** @param text exact decimal text, as formatScaled() gives it */
export function exactNumber(text: string): number | string {
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  if (Number.isSafeInteger(number) && String(number) === text) return number;
  const significant = text
    .replace(/^-?[0.]*/, "")
    .replace(".", "")
    .replace(/0+$/, "");
  return significant.length <= safeSignificantDigits ? number : text;
}

/** The shortest decimal text that gives this float32 again, e.g. `0.1` where the double reads 0.10000000149011612. */
export function float32Text(value: number): string {
  return plainDecimal(String(nearestDecimal(value)));
}

/** Writes `1.5e-7` as `0.00000015`: formatScaled() and readers of reports know no exponents. */
export function plainDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Moves the point of decimal text by a power of ten, exactly. */
export function shiftDecimal(text: string, scaler: number): string {
  if (scaler === 0) return text;
  const sign = text.startsWith("-") ? "-" : "";
  const [whole = "0", fraction = ""] = text.slice(sign.length).split(".");
  const digits = whole + fraction;
  const point = whole.length + scaler;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = Math.max(point, 1);
  const wholePart = padded.slice(0, at).replace(/^0+(?=\d)/, "");
  const fractionPart = padded.slice(at).replace(/0+$/, "");
  return `${sign}${wholePart}${fractionPart === "" ? "" : `.${fractionPart}`}`;
}
