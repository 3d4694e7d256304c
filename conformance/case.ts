import type { ClientAssociationOptions, Secret } from "../cosem/index.js";
import type { DlmsConnection, TracedFrame } from "./tcp-connection.js";

/** fail: the server did what it must not. inconclusive: it could not be seen. inapplicable: not declared or offered. */
export type Verdict = "pass" | "fail" | "inconclusive" | "inapplicable";

export interface Outcome {
  readonly verdict: Verdict;
  /** In words: what was seen. */
  readonly reason: string;
}

/** The server to look at, as its owner declares it. */
export interface ConformanceOptions {
  readonly host: string;
  readonly port: number;
  /** Default 16. */
  readonly clientSap?: number;
  /** Default 1. */
  readonly serverSap?: number;
  /** Low-level password of that client; without one, none is used. */
  readonly password?: Secret;
  /** How long an answer may take; default 2,000. */
  readonly timeoutMs?: number;
  /** Only cases whose name holds this text. */
  readonly only?: string;
}

/** What a case works with. Connections are closed, and their frames reported, when it ends. */
export interface CaseContext {
  readonly options: ConformanceOptions;
  /** A connection without an association; another client SAP where given. */
  connect(client?: ClientAssociationOptions, clientSap?: number): Promise<DlmsConnection>;
  /** A connection with an open association. @throws AssociationRejected */
  open(client?: ClientAssociationOptions): Promise<DlmsConnection>;
}

export interface ConformanceCase {
  /** Family and number, e.g. `APPL_OPEN_5`. */
  readonly name: string;
  readonly about: string;
  /** Where the rule stands. */
  readonly reference: string;
  run(context: CaseContext): Promise<Outcome>;
}

export interface CaseResult extends Outcome {
  readonly case: Pick<ConformanceCase, "name" | "about" | "reference">;
  readonly trace: readonly TracedFrame[];
}

export const pass = (reason: string): Outcome => ({ verdict: "pass", reason });
export const fail = (reason: string): Outcome => ({ verdict: "fail", reason });
export const inconclusive = (reason: string): Outcome => ({ verdict: "inconclusive", reason });
export const inapplicable = (reason: string): Outcome => ({ verdict: "inapplicable", reason });

/** The first that is not a pass, else a pass with all reasons. */
export function all(outcomes: readonly Outcome[]): Outcome {
  const worst = outcomes.find((outcome) => outcome.verdict !== "pass");
  return worst ?? pass(outcomes.map((outcome) => outcome.reason).join("; "));
}
