/**
 * From an integer and its power of ten to what a register holds: a whole number, or the float nearest to the decimal
 * value. Scaling is decimal throughout; a float never takes part in it before the last step.
 */

/** `integer` × 10^`exponent`, exact. A number that is not whole is a float that the meter sent. */
export interface ScaledNumber {
  readonly integer: number | bigint;
  readonly exponent: number;
}

// Literals: a power of ten is exact in a double up to 10^22.
const powersOfTen = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];

/** Reads `12`, `-0.5`, `1e-3`; undefined when `text` is no decimal number. */
export function parseScaledNumber(text: string): ScaledNumber | undefined {
  const match = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const integer = BigInt(whole + fraction);
  return { integer: sign === "-" ? -integer : integer, exponent: Number(exponent) - fraction.length };
}

/** The product, exact where both are whole. */
export function multiply(value: ScaledNumber, factor: ScaledNumber): ScaledNumber {
  const exponent = value.exponent + factor.exponent;
  if (typeof value.integer === "number" && !Number.isInteger(value.integer)) {
    return { integer: value.integer * Number(factor.integer), exponent };
  }
  return { integer: BigInt(value.integer) * BigInt(factor.integer), exponent };
}

/** The whole number nearest to `integer` × 10^`exponent`; halves away from zero. Undefined for NaN and infinities. */
export function toWholeNumber(integer: number | bigint, exponent: number): number | bigint | undefined {
  if (typeof integer === "bigint") return shiftBigInt(integer, exponent);
  if (!Number.isInteger(integer)) return roundFloat(toFloat64(integer, exponent));
  if (exponent === 0) return integer;
  const power = powersOfTen[Math.abs(exponent)];
  if (power === undefined || !Number.isSafeInteger(integer)) return shiftBigInt(BigInt(integer), exponent);
  if (exponent > 0) {
    const product = integer * power;
    return Number.isSafeInteger(product) ? product : shiftBigInt(BigInt(integer), exponent);
  }
  const rest = integer % power;
  const quotient = (integer - rest) / power;
  return Math.abs(rest) * 2 >= power ? quotient + Math.sign(integer) : quotient;
}

function shiftBigInt(integer: bigint, exponent: number): bigint {
  if (exponent >= 0) return integer * 10n ** BigInt(exponent);
  const power = 10n ** BigInt(-exponent);
  const half = integer < 0n ? -power / 2n : power / 2n;
  return (integer + half) / power;
}

function roundFloat(value: number): number | bigint | undefined {
  if (!Number.isFinite(value)) return undefined;
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  return Number.isSafeInteger(rounded) ? rounded : BigInt(rounded);
}

/** The double nearest to `integer` × 10^`exponent`. */
export function toFloat64(integer: number | bigint, exponent: number): number {
  if (typeof integer === "number") {
    if (exponent === 0) return integer;
    const power = powersOfTen[Math.abs(exponent)];
    // One division or multiplication of two exact doubles rounds once, so it is the nearest.
    if (power !== undefined && Number.isSafeInteger(integer)) return exponent < 0 ? integer / power : integer * power;
  }
  return Number(decimalText(integer, exponent));
}

function decimalText(integer: number | bigint, exponent: number): string {
  const [digits = "", written = "0"] = integer.toString().split("e");
  return `${digits}e${Number(written) + exponent}`;
}

/** The single-precision float nearest to `integer` × 10^`exponent`, ties to even. */
export function toFloat32(integer: number | bigint, exponent: number): number {
  const double = toFloat64(integer, exponent);
  const single = Math.fround(double);
  if (single === double || !Number.isFinite(single) || !Number.isInteger(Number(integer))) return single;
  // Rounding twice goes wrong only where the first step landed exactly between two singles.
  const other = neighbour(single, double > single);
  if (Math.abs(double - single) !== Math.abs(other - double)) return single;
  const side = compareExactly(BigInt(integer), exponent, double);
  if (side === 0) return single;
  return side > 0 ? Math.max(single, other) : Math.min(single, other);
}

const bits = new DataView(new ArrayBuffer(8));

function neighbour(single: number, upwards: boolean): number {
  bits.setFloat32(0, single);
  const pattern = bits.getInt32(0);
  const awayFromZero = single > 0 === upwards;
  if (single === 0) bits.setInt32(0, upwards ? 1 : -0x7fffffff);
  else bits.setInt32(0, awayFromZero ? pattern + 1 : pattern - 1);
  return bits.getFloat32(0);
}

/** Sign of `integer` × 10^`exponent` − `double`, in whole numbers. */
function compareExactly(integer: bigint, exponent: number, double: number): number {
  let scaled = double;
  let halvings = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    halvings++;
  }
  const left = integer * 2n ** BigInt(halvings) * (exponent > 0 ? 10n ** BigInt(exponent) : 1n);
  const right = BigInt(scaled) * (exponent < 0 ? 10n ** BigInt(-exponent) : 1n);
  return left === right ? 0 : left > right ? 1 : -1;
}
