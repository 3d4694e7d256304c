import { toHex } from "../../cosem/index.js";
import { type CaseResult, verdicts } from "../case.js";
import { countVerdicts, notice } from "./notice.js";

const indent = " ".repeat(13);

/** One result: its verdict and why; with the bytes where it did not pass. */
export function formatResult(result: CaseResult): string {
  const subject = result.subject === "" ? "" : ` [${result.subject}]`;
  const head = `${result.verdict.padEnd(12)} ${result.case.name.padEnd(24)} ${result.case.about}${subject}`;
  const reason = `${indent}${result.reason}`;
  if (result.verdict === "pass" || result.verdict === "inapplicable") return `${head}\n${reason}`;
  const bytes = result.trace.map((frame) => `${indent}${frame.direction} ${toHex(frame.bytes)}`);
  return [head, reason, `${indent}${result.case.reference}`, ...bytes].join("\n");
}

/** The last lines: how many of each verdict, and what this is not. */
export function formatSummary(results: readonly CaseResult[]): string {
  const counts = countVerdicts(results);
  return `${verdicts.map((verdict) => `${counts[verdict]} ${verdict}`).join(", ")}\n${notice}`;
}
