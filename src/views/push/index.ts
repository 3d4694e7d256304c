/** Scheduled value reports, made from stored readings and handed to delivery. */
export * from "./contract.js";
export { type ReportLayout, readReportLayout } from "./report-layout.js";
