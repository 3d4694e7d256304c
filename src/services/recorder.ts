/** What services tell the audit of: every change and every refusal, secrets left out. The host fits the audit to it. */
import type { Principal } from "../../cosem/index.js";
import type { Audit } from "../ports/index.js";
import { type Refused, refusal } from "./refusal.js";
import { anonymousUser, hasRight, type Right } from "./rights.js";

export interface ChangeRecord {
  readonly principal: Principal;
  /** e.g. `meters.add`. */
  readonly action: string;
  /** What it was done to, e.g. the name of a meter. */
  readonly target: string;
  readonly detail?: string | undefined;
  readonly isRefused: boolean;
  /** It was allowed, and did not succeed. */
  readonly isFailed?: boolean | undefined;
}

export interface ChangeRecorder {
  record(change: ChangeRecord): void;
}

/** Undefined where the principal has the right; else the refusal, which is recorded. */
export function refusedRight(
  principal: Principal,
  right: Right,
  { recorder, action, target }: { readonly recorder: ChangeRecorder; readonly action: string; readonly target: string },
): Refused | undefined {
  if (hasRight(principal, right)) return undefined;
  recorder.record({ principal, action, target, detail: `wants the right ${right}`, isRefused: true });
  return denied(principal, right);
}

export function denied(principal: Principal, right: Right): Refused {
  const hint = principal.user === anonymousUser ? "log in first" : "an admin can give it";
  return refusal("denied", `${principal.user} has not the right ${right}; ${hint}`);
}

/** The audit as services tell it. */
export function recorderOf(audit: Audit): ChangeRecorder {
  return {
    record: ({ isRefused, isFailed, ...change }) =>
      audit.record({ ...change, result: isRefused ? "refused" : isFailed === true ? "failed" : "done" }),
  };
}

/** Undefined where the principal has the right, else the refusal; what would change something calls `refusedRight`, which records it. */
export function demand(principal: Principal, right: Right): Refused | undefined {
  return hasRight(principal, right) ? undefined : denied(principal, right);
}
