/** A harness to run against any DLMS server, ours or not, and the clients over TCP and HDLC that it speaks with. */
export type { CaseResult, ConformanceCase, Outcome, Verdict } from "./case.js";
export { conformanceCases } from "./cases/index.js";
export {
  type Declaration,
  DeclarationError,
  declarePlain,
  type PlainTarget,
  resolveDeclaration,
} from "./declaration/declaration.js";
export { type DeclarationFile, declarationSchema } from "./declaration/schema.js";
export { connectHdlc, type HdlcConnection, type HdlcLine, type HdlcTarget, openHdlc } from "./hdlc-connection.js";
export { formatHtml } from "./reports/html.js";
export { formatJson } from "./reports/json.js";
export { formatJunit } from "./reports/junit.js";
export { notice, type ReportHead } from "./reports/notice.js";
export { formatResult, formatSummary } from "./reports/text.js";
export { type ConformanceReport, type ConformanceRun, runConformance } from "./run.js";
export { type OpenLine, type SharedLine, shareLine } from "./shared-line.js";
export { connectDlms, type DlmsConnection, type DlmsTarget, NoAnswer, type TracedFrame } from "./tcp-connection.js";
