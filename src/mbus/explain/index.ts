/** Explained telegrams: what each byte says. */
export { explainApplication } from "./application-fields.js";
export { type ExplainOptions, explainTelegram, explanationLines } from "./explain-telegram.js";
export type { ExplainedField, Explanation } from "./tree.js";
export { decimalText } from "./value-text.js";
