/** Scheduled value reports, made from stored readings and handed to delivery. */
export * from "./contract.js";
export { createPushView } from "./push-view.js";
export { readReportLayout } from "./read-report-layout.js";
export type { ReportLayout } from "./report-layout.js";
