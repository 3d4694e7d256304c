export { type AuditParts, createAudit, type KeptAudit, type NewAuditRow } from "./audit.js";
export { redacted } from "./redacted.js";
