import type { CaseResult, Verdict } from "../case.js";

/** Stands in every report. */
export const notice =
  "These checks are not the DLMS User Association's conformance test tool; their verdicts are no certificate.";

/** What a report says besides its results. */
export interface ReportHead {
  /** Server that was looked at, e.g. `127.0.0.1:4059, wrapper`. */
  readonly target: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** True where the run was cancelled before its end. */
  readonly isPartial: boolean;
}

export function countVerdicts(results: readonly CaseResult[]): Readonly<Record<Verdict, number>> {
  const counts = { pass: 0, fail: 0, inconclusive: 0, inapplicable: 0 };
  for (const { verdict } of results) counts[verdict] += 1;
  return counts;
}

export const partialNotice = "The run was cancelled: these are the results so far.";
