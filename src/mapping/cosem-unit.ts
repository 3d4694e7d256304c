import { unitCode } from "../../cosem/index.js";
import type { ValueInformation } from "../mbus/index.js";

/** How a record's unit is served: its COSEM code, and the whole number and power of ten that lead there exactly. */
export interface ServedUnit {
  readonly unit: number;
  readonly factor: number;
  /** Added to the exponent after multiplying by `factor`. */
  readonly exponent: number;
}

const count = 255;
const other = 254;

/** Units without a code of their own that whole numbers lead to one that has (1 cal = 4.1868 J). */
const converted: Readonly<Record<string, ServedUnit>> = {
  "m3/min": { unit: unitCode("m3/h") ?? other, factor: 60, exponent: 0 },
  "m3/s": { unit: unitCode("m3/h") ?? other, factor: 3600, exponent: 0 },
  cal: { unit: unitCode("J") ?? other, factor: 41868, exponent: -4 },
  month: { unit: unitCode("mo") ?? other, factor: 1, exponent: 0 },
  months: { unit: unitCode("mo") ?? other, factor: 1, exponent: 0 },
  year: { unit: unitCode("a") ?? other, factor: 1, exponent: 0 },
  years: { unit: unitCode("a") ?? other, factor: 1, exponent: 0 },
  HCA: { unit: count, factor: 1, exponent: 0 },
  "": { unit: count, factor: 1, exponent: 0 },
};

/** Of a VIF whose unit is a text of the meter's own: `a` need not be years. */
const plainText = "Plain text";

/**
 * The unit a value is served in. Without a code and without an exact way to one (kg/h, °F, a meter's own text) it is
 * 254, other unit: the record's own words stand in the object's description.
 */
export function servedUnit({ quantity, unit }: Pick<ValueInformation, "quantity" | "unit">): ServedUnit {
  if (quantity === plainText) return { unit: other, factor: 1, exponent: 0 };
  const exact = converted[unit];
  if (exact !== undefined) return exact;
  const code = unitCode(unit);
  return { unit: code ?? other, factor: 1, exponent: 0 };
}

/** True where values are not in the record's own unit: m3/min is served as m3/h, cal as J. */
export function isConvertedUnit(information: Pick<ValueInformation, "quantity" | "unit">): boolean {
  return servedUnit(information).factor !== 1;
}
