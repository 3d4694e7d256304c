/**
 * scal_unit_type (IEC 62056-6-2, clause 4.1.6.2): power of ten and physical unit of a value.
 */
export interface ScalerUnit {
  readonly scaler: number;
  /** Code of the unit enumeration; see unitSymbol(). 255 = count, without unit. */
  readonly unit: number;
}

/** Unit codes of the Blue Book with the symbols that JSON, reports and pages show. */
const unitSymbols: Readonly<Record<number, string>> = {
  1: "a",
  2: "mo",
  3: "wk",
  4: "d",
  5: "h",
  6: "min",
  7: "s",
  8: "°",
  9: "°C",
  10: "currency",
  11: "m",
  12: "m/s",
  13: "m3",
  14: "m3",
  15: "m3/h",
  16: "m3/h",
  17: "m3/d",
  18: "m3/d",
  19: "l",
  20: "kg",
  21: "N",
  22: "Nm",
  23: "Pa",
  24: "bar",
  25: "J",
  26: "J/h",
  27: "W",
  28: "VA",
  29: "var",
  30: "Wh",
  31: "VAh",
  32: "varh",
  33: "A",
  34: "C",
  35: "V",
  36: "V/m",
  37: "F",
  38: "Ω",
  39: "Ωm2/m",
  40: "Wb",
  41: "T",
  42: "A/m",
  43: "H",
  44: "Hz",
  45: "1/Wh",
  46: "1/varh",
  47: "1/VAh",
  48: "V2h",
  49: "A2h",
  50: "kg/s",
  51: "S",
  52: "K",
  53: "1/V2h",
  54: "1/A2h",
  55: "1/m3",
  56: "%",
  57: "Ah",
  60: "Wh/m3",
  61: "J/m3",
  62: "mol%",
  63: "g/m3",
  64: "Pa s",
  65: "J/kg",
  66: "g/cm2",
  67: "atm",
  70: "dBm",
  71: "dBµV",
  72: "dB",
  128: "in",
  254: "other",
  255: "",
};

/** The symbol of a unit code; `unit <code>` for one this table lacks. */
export function unitSymbol(unit: number): string {
  return unitSymbols[unit] ?? `unit ${unit}`;
}

const codes: ReadonlyMap<string, number> = new Map(
  Object.entries(unitSymbols)
    .map(([code, symbol]): [string, number] => [symbol, Number(code)])
    .reverse(),
);

/** The lowest code with this symbol; undefined where the Blue Book has none. */
export function unitCode(symbol: string): number | undefined {
  return codes.get(symbol);
}

/**
 * Exact decimal text of `value` × 10^`scaler`; no float is involved.
 * @returns e.g. `1234.5`, `-0.012`, `12000`
 */
export function formatScaled(value: number | bigint, scaler: number): string {
  if (typeof value === "number" && !Number.isInteger(value)) return formatScaledFloat(value, scaler);
  const negative = value < 0;
  const digits = (negative ? -BigInt(value) : BigInt(value)).toString();
  const sign = negative ? "-" : "";
  if (digits === "0") return "0";
  if (scaler >= 0) return sign + digits + "0".repeat(scaler);
  const padded = digits.padStart(1 - scaler, "0");
  const whole = padded.slice(0, scaler);
  const fraction = padded.slice(scaler).replace(/0+$/, "");
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** Floats come with scaler 0 from the meter; another scaler moves the decimal point of their shortest text. */
function formatScaledFloat(value: number, scaler: number): string {
  if (scaler === 0 || !Number.isFinite(value)) return String(value);
  const [digits, exponent = "0"] = String(value).split("e");
  return String(Number(`${digits}e${Number(exponent) + scaler}`));
}
