import type { Refusal, Refused } from "./contract.js";

/** One frozen answer a refusal, so that refusing costs nothing. */
export const refused: { readonly [R in Refusal]: Refused & { readonly refusal: R } } = Object.freeze({
  hardwareFault: refusal("hardwareFault"),
  temporaryFailure: refusal("temporaryFailure"),
  readWriteDenied: refusal("readWriteDenied"),
  objectUndefined: refusal("objectUndefined"),
  objectClassInconsistent: refusal("objectClassInconsistent"),
  objectUnavailable: refusal("objectUnavailable"),
  typeUnmatched: refusal("typeUnmatched"),
  scopeOfAccessViolated: refusal("scopeOfAccessViolated"),
  dataBlockUnavailable: refusal("dataBlockUnavailable"),
  otherReason: refusal("otherReason"),
});

function refusal<R extends Refusal>(name: R): Refused & { readonly refusal: R } {
  return Object.freeze({ ok: false, refusal: name });
}

/** True for a refusal among values of other kinds, such as what a handler returns. */
export function isRefused(value: unknown): value is Refused {
  return typeof value === "object" && value !== null && (value as { ok?: unknown }).ok === false;
}
