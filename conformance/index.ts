/** A harness to run against any DLMS server, ours or not, and the TCP client it speaks with. */
export type {
  CaseResult,
  ConformanceCase,
  ConformanceOptions,
  Outcome,
  Verdict,
} from "./case.js";
export { connectHdlc, type HdlcConnection, type HdlcLine, type HdlcTarget, openHdlc } from "./hdlc-connection.js";
export { type ConformanceReport, conformanceCases, runConformance } from "./run.js";
export { connectDlms, type DlmsConnection, type DlmsTarget, NoAnswer, type TracedFrame } from "./tcp-connection.js";
export { formatResult, formatSummary } from "./text-report.js";
