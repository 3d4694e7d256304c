/** Exact decimal numbers: sums and products of meter values lose nothing; quotients have 28 digits. */
import { Decimal as Base } from "decimal.js";

export const Decimal = Base.clone({ precision: 60, toExpNeg: -60, toExpPos: 60 });
export type Decimal = Base;

const quotientDigits = 28;

export function quotient(left: Decimal, right: Decimal): Decimal | undefined {
  return right.isZero() ? undefined : left.div(right).toSignificantDigits(quotientDigits);
}
