/** Explained telegrams: what each byte says. */
export { type ApplicationOptions, explainApplication } from "./application-fields.js";
export { type ExplainOptions, explainTelegram, explanationLines } from "./explain-telegram.js";
export type { KnownField, ManufacturerFields } from "./manufacturer-fields.js";
export type { ExplainedField, Explanation } from "./tree.js";
export { decimalText } from "./value-text.js";
export { explainWireless } from "./wireless-fields.js";
