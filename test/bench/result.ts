/** One line of the bench: what was measured, beside what, in the same call. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, and its figure in the same unit. */
  readonly reference: { readonly what: string; readonly value: number };
  /** value / reference. */
  readonly ratio: number;
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
    reference: { ...reference, value: round(reference.value) },
    ratio: round(value / reference.value),
    note,
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
