import { toHex } from "../../cosem/index.js";
import type { CaseResult } from "../case.js";
import { countVerdicts, notice, type ReportHead } from "./notice.js";

/** All results with their bytes, one JSON document. */
export function formatJson(head: ReportHead, results: readonly CaseResult[]): string {
  const document = {
    notice,
    ...head,
    summary: countVerdicts(results),
    results: results.map((result) => ({
      case: result.case.name,
      about: result.case.about,
      reference: result.case.reference,
      subject: result.subject,
      verdict: result.verdict,
      reason: result.reason,
      durationMs: result.durationMs,
      bytes: result.trace.map((frame) => `${frame.direction} ${toHex(frame.bytes)}`),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
