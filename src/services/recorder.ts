/** What services tell the audit of: every change and every refusal, secrets left out. The host fits the audit to it. */
import type { Principal } from "../../cosem/index.js";
import { type Refused, refusal } from "./refusal.js";
import { hasRight, type Right } from "./rights.js";

export interface ChangeRecord {
  readonly principal: Principal;
  /** e.g. `meters.add`. */
  readonly action: string;
  /** What it was done to, e.g. the name of a meter. */
  readonly target: string;
  readonly detail?: string | undefined;
  readonly isRefused: boolean;
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
  const message = `${principal.user} has not the right ${right}; an admin can give it`;
  return refusal("denied", message);
}
