/** The audit: who did or tried what, by which door, from where. Secrets never go in. */

/** As a caller's principal; `cosem`'s fits. */
export interface AuditPrincipal {
  readonly user: string;
  readonly door: string;
  readonly peer: string;
  readonly association: { readonly name: string };
  readonly token?: string | undefined;
}

/** `refused`: not allowed; `failed`: allowed, and did not succeed. */
export type AuditResult = "done" | "refused" | "failed";

export interface AuditEntry {
  readonly principal: AuditPrincipal;
  /** e.g. `meters.add`. */
  readonly action: string;
  /** What it was done to, e.g. the name of a meter. */
  readonly target: string;
  /** In words, without secrets. */
  readonly detail?: string | undefined;
  readonly result: AuditResult;
}

export interface Audit {
  /** Never throws and never waits: what cannot be kept is told in the log. */
  record(entry: AuditEntry): void;
}

/** An entry as it is kept and shown. */
export interface AuditRow {
  readonly id: number;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly user: string;
  /** Name of the association: the role of the caller. */
  readonly role: string;
  readonly door: string;
  readonly peer: string;
  /** Id of the API token of the user that was shown; undefined: none was. */
  readonly token: string | undefined;
  readonly action: string;
  readonly target: string;
  readonly detail: string | undefined;
  readonly result: AuditResult;
  /** More than 1: the same was refused so many times within a minute. */
  readonly count: number;
}
