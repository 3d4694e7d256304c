/** Collects what an import finds; long lists are cut, counts never. */
import type { ImportOptions, ImportReport, RowDifference, RowProblem } from "./contract.js";

const maxListed = 1000;

export class ImportFindings {
  readonly problems: RowProblem[] = [];
  readonly differences: RowDifference[] = [];
  private readonly badLines = new Set<number>();
  private readonly counts = { added: 0, changed: 0, unchanged: 0 };
  private rows = 0;

  row(): void {
    this.rows += 1;
  }

  problem(line: number, column: string | undefined, reason: string): void {
    this.badLines.add(line);
    if (this.problems.length < maxListed) this.problems.push({ line, column, reason });
  }

  difference(difference: RowDifference): void {
    this.counts[difference.kind] += 1;
    if (difference.kind !== "unchanged" && this.differences.length < maxListed) this.differences.push(difference);
  }

  /** Whether the good rows are to be taken. */
  isToBeTaken({ dryRun, take = "whole" }: ImportOptions): boolean {
    return dryRun !== true && (take === "goodRows" || this.badLines.size === 0);
  }

  report(read: string, ignoredColumns: readonly string[], isTaken: boolean): ImportReport {
    const { problems, differences, counts, rows } = this;
    const ordered = problems.toSorted((one, other) => one.line - other.line);
    return { rows, ...counts, bad: this.badLines.size, isTaken, read, ignoredColumns, problems: ordered, differences };
  }
}
