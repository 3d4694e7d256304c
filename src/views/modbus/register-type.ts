/**
 * The types a register line can have, their lengths, and how a value is written into registers: big-endian words in
 * big-endian order unless the line says otherwise.
 */
import { type ScaledNumber, toFloat32, toFloat64, toWholeNumber } from "./scaled-number.js";

export const registerTypes = ["u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"] as const;
export type RegisterType = (typeof registerTypes)[number];

/** Registers (of 16 bits) that a type takes. */
export const registerCount: Readonly<Record<RegisterType, number>> = {
  u16: 1,
  s16: 1,
  u32: 2,
  s32: 2,
  u64: 4,
  s64: 4,
  f32: 2,
  f64: 4,
};

const limits: Readonly<Record<Exclude<RegisterType, "f32" | "f64">, readonly [bigint, bigint]>> = {
  u16: [0n, 0xffffn],
  s16: [-0x8000n, 0x7fffn],
  u32: [0n, 0xffff_ffffn],
  s32: [-0x8000_0000n, 0x7fff_ffffn],
  u64: [0n, 0xffff_ffff_ffff_ffffn],
  s64: [-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
};

/** What an integer line shows when there is no valid value. Floats show a quiet NaN. */
export const invalidIntegers = ["minimum", "maximum"] as const;
export type InvalidInteger = (typeof invalidIntegers)[number];

/** How a line writes its value. */
export interface RegisterForm {
  readonly type: RegisterType;
  /** Registers in reverse order. */
  readonly wordSwap: boolean;
  /** The two bytes of each register in reverse order. */
  readonly byteSwap: boolean;
  readonly invalid: InvalidInteger;
}

/**
 * Writes a value at `offset` of `view`, 2 × registerCount bytes.
 * @param value undefined, or one that does not fit, writes the form's mark for "not valid"
 */
export function encodeRegisters(
  view: DataView,
  offset: number,
  form: RegisterForm,
  value: ScaledNumber | undefined,
): void {
  if (form.type === "f32") view.setFloat32(offset, finite(value, toFloat32, 3.5e38));
  else if (form.type === "f64") view.setFloat64(offset, finite(value, toFloat64, Number.POSITIVE_INFINITY));
  else encodeInteger(view, offset, form.type, form.invalid, value);
  if (form.wordSwap) swapWords(view, offset, registerCount[form.type]);
  if (form.byteSwap) swapBytes(view, offset, registerCount[form.type]);
}

function finite(
  value: ScaledNumber | undefined,
  convert: (integer: number | bigint, exponent: number) => number,
  limit: number,
): number {
  if (value === undefined) return Number.NaN;
  const converted = convert(value.integer, value.exponent);
  return Math.abs(converted) < limit ? converted : Number.NaN;
}

function encodeInteger(
  view: DataView,
  offset: number,
  type: keyof typeof limits,
  invalid: InvalidInteger,
  value: ScaledNumber | undefined,
): void {
  const [minimum, maximum] = limits[type];
  const whole = value === undefined ? undefined : toWholeNumber(value.integer, value.exponent);
  const fits = whole !== undefined && whole >= minimum && whole <= maximum;
  const written = fits ? whole : invalid === "minimum" ? minimum : maximum;
  if (type === "u16" || type === "s16") view.setInt16(offset, Number(written));
  else if (type === "u32" || type === "s32") view.setInt32(offset, Number(written));
  else if (typeof written === "bigint") view.setBigInt64(offset, BigInt.asIntN(64, written));
  else {
    // A safe integer in two halves: cheaper than a bigint made for each read.
    view.setInt32(offset, Math.floor(written / 0x1_0000_0000));
    view.setUint32(offset + 4, written >>> 0);
  }
}

function swapWords(view: DataView, offset: number, count: number): void {
  for (let low = 0, high = count - 1; low < high; low++, high--) {
    const word = view.getUint16(offset + low * 2);
    view.setUint16(offset + low * 2, view.getUint16(offset + high * 2));
    view.setUint16(offset + high * 2, word);
  }
}

function swapBytes(view: DataView, offset: number, count: number): void {
  for (let index = 0; index < count; index++) {
    view.setUint16(offset + index * 2, view.getUint16(offset + index * 2), true);
  }
}
