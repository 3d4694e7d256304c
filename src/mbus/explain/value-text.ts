/** Values in words for explanations: exact decimals in the base unit, dates as coded. */
import type { RecordValue, ValueInformation } from "../record.js";

/** `value` × 10^`exponent` as decimal text. */
export function decimalText(value: number | bigint, exponent: number): string {
  const isNegative = value < 0;
  const digits = (value < 0 ? -BigInt(value) : BigInt(value)).toString();
  const sign = isNegative ? "-" : "";
  if (exponent >= 0) return sign + (digits === "0" ? "0" : digits + "0".repeat(exponent));
  const padded = digits.padStart(1 - exponent, "0");
  const fraction = padded.slice(exponent).replace(/0+$/, "");
  return sign + padded.slice(0, exponent) + (fraction === "" ? "" : `.${fraction}`);
}

/** Value with its unit; undefined where there is nothing to show. */
export function valueText(value: RecordValue, information: ValueInformation): string | undefined {
  const unit = information.unit === "" ? "" : ` ${information.unit}`;
  switch (value.kind) {
    case "integer":
      return scaled(value.value, information) + unit;
    case "float":
      return String(value.value * 10 ** information.exponent) + unit;
    case "text":
      return JSON.stringify(value.value);
    case "bytes":
      return Array.from(value.value, (byte) => byte.toString(16).padStart(2, "0")).join("");
    case "datetime": {
      const flags = `${value.summerTime ? ", summer time" : ""}${value.timeInvalid ? ", time marked invalid" : ""}`;
      return value.value + flags;
    }
    case "date":
    case "time":
      return value.value;
    case "none":
      return undefined;
    case "invalid":
      return `not valid: ${value.reason}`;
  }
}

function scaled(coded: number | bigint, { exponent, addend, addendExponent }: ValueInformation): string {
  if (addend === 0) return decimalText(coded, exponent);
  const common = Math.min(exponent, addendExponent);
  const shifted = (integer: number | bigint, power: number) => BigInt(integer) * 10n ** BigInt(power - common);
  return decimalText(shifted(coded, exponent) + shifted(addend, addendExponent), common);
}
