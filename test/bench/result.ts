/** One line of the bench: what was measured, beside what, in the same call. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The figure of what it is compared with, in the same unit. */
  readonly reference: number;
  /** value / reference. */
  readonly ratio: number;
  /** What the reference is, and what else there is to know. */
  readonly note: string;
}

/** A named measurement; some measure several lines at once. */
export interface Bench {
  readonly names: readonly string[];
  run(names: ReadonlySet<string>): Promise<readonly BenchResult[]>;
}

export function result(
  name: string,
  value: number,
  unit: string,
  reference: { what: string; value: number },
  note = "",
): BenchResult {
  return {
    name,
    value: round(value),
    unit,
    reference: round(reference.value),
    ratio: round(value / reference.value),
    note: `against ${reference.what}${note === "" ? "" : `; ${note}`}`,
  };
}

/** Three significant digits, more where the number is whole and large. */
function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
