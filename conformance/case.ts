import type { HdlcChanges } from "./connect.js";
import type { Declaration, DeclaredAssociation } from "./declaration/declaration.js";
import type { HdlcConnection } from "./hdlc-connection.js";
import type { RunCounters } from "./session/counters.js";
import type { AarqAnswer, OpenChanges } from "./session/open.js";
import type { Session, StartedSession } from "./session/session.js";
import type { DlmsConnection, TracedFrame } from "./tcp-connection.js";

/** fail: the server did what it must not. inconclusive: it could not be seen. inapplicable: not declared or offered. */
export type Verdict = "pass" | "fail" | "inconclusive" | "inapplicable";

export const verdicts: readonly Verdict[] = ["pass", "fail", "inconclusive", "inapplicable"];

export interface Outcome {
  readonly verdict: Verdict;
  /** In words: what was seen. */
  readonly reason: string;
}

/** What a case works with. Connections are closed, and their frames reported, when it ends. */
export interface CaseContext {
  readonly declaration: Declaration;
  /** Under which the case runs. */
  readonly association: DeclaredAssociation;
  /** SAP of the logical device. */
  readonly serverSap: number;
  readonly counters: RunCounters;
  /** A connection without an association; another client SAP where given. */
  connect(clientSap?: number): Promise<DlmsConnection>;
  /** The same over HDLC; `changes` are of the link. @throws NoAnswer where the link is not set up */
  connectHdlc(changes?: HdlcChanges): Promise<HdlcConnection>;
  /** AARQ on a connection of its own; refusals are answers. */
  request(changes?: OpenChanges): Promise<AarqAnswer>;
  /** A connection of its own with an open association. @throws AssociationRefused */
  open(changes?: OpenChanges): Promise<Session>;
  /** As open(), but where a high level mechanism is declared pass 3 is left to the case. @throws AssociationRefused */
  start(changes?: OpenChanges): Promise<StartedSession>;
  /** An open association that cases share; for reading. @throws AssociationRefused */
  shared(): Promise<Session>;
}

/** Which associations a case is for. All that is named must hold. */
export interface CaseNeeds {
  readonly referencing?: "ln" | "sn";
  readonly profile?: "wrapper" | "hdlc";
  /** A password; any high level mechanism; either. */
  readonly authentication?: "low" | "high" | "any";
  /** A ciphered application context. */
  readonly isCiphered?: true;
  readonly suite?: number;
}

/**
 * How often a case runs: once, for each association (at its first logical device), or for each association at each
 * logical device.
 */
export type CaseScope = "server" | "association" | "device";

/** One of many like things that a case looks at, such as an object. */
export interface CasePart {
  readonly label: string;
  run(): Promise<Outcome>;
}

export interface ConformanceCase {
  /** Family and number, e.g. `APPL_OPEN_5`. */
  readonly name: string;
  readonly about: string;
  /** Where the rule stands. */
  readonly reference: string;
  /** Default `association`. */
  readonly scope?: CaseScope;
  readonly needs?: CaseNeeds;
  /** One outcome, or the parts, each with an outcome of its own. */
  run(context: CaseContext): Promise<Outcome | readonly CasePart[]>;
}

export interface CaseResult extends Outcome {
  readonly case: Pick<ConformanceCase, "name" | "about" | "reference">;
  /** Which association, logical device and part; empty where the case ran for none. */
  readonly subject: string;
  readonly durationMs: number;
  readonly trace: readonly TracedFrame[];
}

export const pass = (reason: string): Outcome => ({ verdict: "pass", reason });
export const fail = (reason: string): Outcome => ({ verdict: "fail", reason });
export const inconclusive = (reason: string): Outcome => ({ verdict: "inconclusive", reason });
export const inapplicable = (reason: string): Outcome => ({ verdict: "inapplicable", reason });

/** The first fail, else the first that is not a pass, else a pass with all reasons. */
export function all(outcomes: readonly Outcome[]): Outcome {
  const worst =
    outcomes.find((outcome) => outcome.verdict === "fail") ?? outcomes.find((outcome) => outcome.verdict !== "pass");
  return worst ?? pass(outcomes.map((outcome) => outcome.reason).join("; "));
}
