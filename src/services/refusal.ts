/** Ordinary refusals of services, as values: views have one table from them to their own answers. */

/** `denied`: no right; `unknown`: no such thing; `invalid`: the request says what cannot be; `conflict`: it is so already, or something else holds it; `busy`: try again later. */
export type RefusalReason = "denied" | "unknown" | "invalid" | "conflict" | "busy";

export interface ServiceRefusal {
  readonly reason: RefusalReason;
  /** What was wrong, where, and what to do. */
  readonly message: string;
  /** The field that was wrong, where it is one. */
  readonly field?: string | undefined;
}

export interface Refused {
  readonly ok: false;
  readonly refusal: ServiceRefusal;
}

export type Refusable<Value> = { readonly ok: true; readonly value: Value } | Refused;

export function accepted<Value>(value: Value): Refusable<Value> {
  return { ok: true, value };
}

export function refusal(reason: RefusalReason, message: string, field?: string): Refused {
  return { ok: false, refusal: { reason, message, ...(field === undefined ? {} : { field }) } };
}
