/** Server and client associations as machines without I/O. */

export { type AccessAnswer, notExecuted } from "./access-answer.js";
export type * from "./association-policy.js";
export * from "./association-security.js";
export * from "./client.js";
export * from "./client-driver.js";
export type * from "./client-events.js";
export { RequestTooLong } from "./client-exchange.js";
export { type ClientOpeningOptions, ServerNotAuthentic } from "./client-opening.js";
export { type ClientSecurity, ProtectionFault, type ProtectionStyle } from "./client-security.js";
export {
  type ClassLookup,
  createShortNameClient,
  ObjectListRefused,
  type ShortNameClient,
  type ShortNameListElement,
  type ShortNameRequests,
} from "./client-sn.js";
export { createProtection } from "./create-protection.js";
export { refuseAssociation } from "./negotiate.js";
export type { GetAnswer } from "./outgoing-body.js";
export type * from "./protection.js";
export * from "./protection-forms.js";
export * from "./push-protection.js";
export * from "./push-sender.js";
export { createServerAssociation, type ServerAssociationOptions } from "./server.js";
export type * from "./server-events.js";
