import { toHex } from "../cosem/index.js";
import type { CaseResult, Verdict } from "./case.js";

const notice =
  "These checks are not the DLMS User Association's conformance test tool; their verdicts are no certificate.";

/** One case: its verdict and why; with the bytes where it did not pass. */
export function formatResult(result: CaseResult): string {
  const head = `${result.verdict.padEnd(12)} ${result.case.name.padEnd(24)} ${result.case.about}`;
  const reason = `             ${result.reason}`;
  if (result.verdict === "pass" || result.verdict === "inapplicable") return `${head}\n${reason}`;
  const bytes = result.trace.map((frame) => `             ${frame.direction} ${toHex(frame.bytes)}`);
  return [head, reason, `             ${result.case.reference}`, ...bytes].join("\n");
}

/** The last lines: how many of each verdict, and what this is not. */
export function formatSummary(results: readonly CaseResult[]): string {
  const count = (verdict: Verdict) => results.filter((result) => result.verdict === verdict).length;
  const verdicts: readonly Verdict[] = ["pass", "fail", "inconclusive", "inapplicable"];
  return `${verdicts.map((verdict) => `${count(verdict)} ${verdict}`).join(", ")}\n${notice}`;
}
