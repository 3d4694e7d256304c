import { DecodeError, SymmetricKey } from "../cosem/index.js";
import {
  type CaseContext,
  type CasePart,
  type CaseResult,
  type ConformanceCase,
  fail,
  inapplicable,
  inconclusive,
  type Outcome,
} from "./case.js";
import { attributeAt } from "./cases/answers.js";
import { conformanceCases } from "./cases/index.js";
import { type Connector, createConnector } from "./connect.js";
import { type Declaration, DeclarationError, type DeclaredAssociation } from "./declaration/declaration.js";
import { createRunCounters, type RunCounters } from "./session/counters.js";
import { sendAarq } from "./session/open.js";
import { openSession, type Session, startSession } from "./session/session.js";
import { Inapplicable, Misbehaviour } from "./session/verdict-errors.js";
import type { OpenLine } from "./shared-line.js";
import { type Subject, subjectsOf } from "./subjects.js";
import { type DlmsConnection, NoAnswer, type TracedFrame } from "./tcp-connection.js";

/** Told of each result as it comes. */
export type ConformanceReport = (result: CaseResult) => void;

export interface ConformanceRun {
  readonly declaration: Declaration;
  /** Only cases whose name holds one of these texts. */
  readonly only?: readonly string[];
  /** When aborted, no further case starts and the results so far are returned. */
  readonly signal?: AbortSignal;
  /** Needed where a serial line is declared. */
  readonly openLine?: OpenLine;
  /** Default: all there are. */
  readonly cases?: readonly ConformanceCase[];
}

/**
 * Runs the cases one after the other, each on connections of its own. Reads, and writes only what is declared writable
 * or must be refused. This is not the DLMS User Association's conformance tool, and its verdicts are no certificate.
 * @throws (rejects with) DeclarationError where a declared invocation counter cannot be read
 */
export async function runConformance(run: ConformanceRun, report: ConformanceReport): Promise<readonly CaseResult[]> {
  const { declaration } = run;
  const counters = createRunCounters();
  const connector = createConnector(declaration, run.openLine);
  try {
    await startCounters(declaration, counters, connector);
    return await runCases(run, counters, connector, report);
  } finally {
    await connector.close();
  }
}

async function runCases(
  run: ConformanceRun,
  counters: RunCounters,
  connector: Connector,
  report: ConformanceReport,
): Promise<readonly CaseResult[]> {
  const { declaration, only, signal } = run;
  const results: CaseResult[] = [];
  const keep = (result: CaseResult) => {
    if (signal?.aborted === true) return;
    results.push(result);
    report(result);
  };
  const runner = new CaseRunner(declaration, counters, connector, keep, signal);
  for (const one of run.cases ?? conformanceCases) {
    if (signal?.aborted === true) break;
    if (only !== undefined && !only.some((text) => one.name.includes(text))) continue;
    await runner.run(one);
  }
  await runner.close();
  return results;
}

const noTrace: readonly TracedFrame[] = [];
/** Of one result; the newest are kept. */
const maxFrames = 400;

class CaseRunner {
  private readonly declaration: Declaration;
  private readonly counters: RunCounters;
  private readonly connector: Connector;
  private readonly report: ConformanceReport;
  private readonly signal: AbortSignal | undefined;
  private readonly sharedSessions = new Map<string, Session>();
  private open: DlmsConnection[] = [];

  constructor(
    declaration: Declaration,
    counters: RunCounters,
    connector: Connector,
    report: ConformanceReport,
    signal: AbortSignal | undefined,
  ) {
    this.declaration = declaration;
    this.counters = counters;
    this.connector = connector;
    this.report = report;
    this.signal = signal;
  }

  async run(one: ConformanceCase): Promise<void> {
    const subjects = subjectsOf(one, this.declaration);
    if (typeof subjects === "string") {
      this.tell(one, "", inapplicable(subjects), performance.now(), noTrace);
      return;
    }
    for (const subject of subjects) {
      if (this.signal?.aborted === true) return;
      await this.runFor(one, subject);
    }
  }

  private async runFor(one: ConformanceCase, subject: Subject): Promise<void> {
    const started = performance.now();
    const context = this.contextOf(subject);
    const outcome = await guarded(() => one.run(context));
    if (isParts(outcome)) await this.runParts(one, subject, outcome);
    else await this.end(one, subject.label, outcome, started);
  }

  private async runParts(one: ConformanceCase, subject: Subject, parts: readonly CasePart[]): Promise<void> {
    for (const part of parts) {
      if (this.signal?.aborted === true) return;
      const started = performance.now();
      const outcome = await guarded(() => part.run());
      await this.end(one, `${subject.label}, ${part.label}`, outcome, started);
    }
  }

  private async end(one: ConformanceCase, label: string, outcome: Outcome, started: number): Promise<void> {
    const shared = [...this.sharedSessions].map(([, session]) => session.connection);
    const trace = [...this.open, ...shared].flatMap((connection) => connection.takeTrace());
    await Promise.all(this.open.map((connection) => connection.close()));
    this.open = [];
    if (outcome.verdict === "fail" || outcome.verdict === "inconclusive") await this.closeShared();
    this.tell(one, label, outcome, started, trace.slice(-maxFrames));
  }

  private tell(
    one: ConformanceCase,
    subject: string,
    outcome: Outcome,
    started: number,
    trace: readonly TracedFrame[],
  ): void {
    const { name, about, reference } = one;
    const durationMs = Math.round(performance.now() - started);
    this.report({ ...outcome, case: { name, about, reference }, subject, durationMs, trace });
  }

  private contextOf({ association, serverSap }: Subject): CaseContext {
    const { declaration, counters } = this;
    const connect = async (clientSap = association.clientSap) => {
      const connection = await this.connector.connect(clientSap, serverSap);
      this.open.push(connection);
      return connection;
    };
    return {
      declaration,
      association,
      serverSap,
      counters,
      connect,
      connectHdlc: async (changes) => {
        const link = await this.connector.connectHdlc(association.clientSap, serverSap, changes);
        this.open.push(link);
        return link;
      },
      request: async (changes) => sendAarq(await connect(), association, counters, changes),
      open: async (changes) => openSession(await connect(), association, counters, changes),
      start: async (changes) => startSession(await connect(), association, counters, changes),
      shared: async () => {
        const key = `${association.name}/${association.clientSap}/${serverSap}`;
        const known = this.sharedSessions.get(key);
        if (known !== undefined && !known.connection.isClosed) return known;
        await this.closeShared();
        const connection = await this.connector.connect(association.clientSap, serverSap);
        try {
          const session = await openSession(connection, association, counters);
          this.sharedSessions.set(key, session);
          return session;
        } catch (error) {
          this.open.push(connection);
          throw error;
        }
      },
    };
  }

  /** One shared association at a time: a server may have room for few. */
  private async closeShared(): Promise<void> {
    const sessions = [...this.sharedSessions.values()];
    this.sharedSessions.clear();
    await Promise.all(sessions.map((session) => session.connection.close()));
  }

  close(): Promise<void> {
    return this.closeShared();
  }
}

const isParts = (value: Outcome | readonly CasePart[]): value is readonly CasePart[] => Array.isArray(value);

async function guarded<T>(run: () => Promise<T>): Promise<T | Outcome> {
  try {
    return await run();
  } catch (error) {
    return outcomeOf(error);
  }
}

/** What a case did not foresee: the server's doing where it spoke, otherwise nothing was seen. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof Inapplicable) return inapplicable(error.message);
  if (error instanceof Misbehaviour || error instanceof NoAnswer) return fail(error.message);
  if (error instanceof DecodeError) return fail(`an answer that cannot be read: ${error.message}`);
  return inconclusive(error instanceof Error ? error.message : "unknown");
}

/** Sets each association's next counter as declared. Where it names an object, the public client reads it. */
async function startCounters(declaration: Declaration, counters: RunCounters, connector: Connector): Promise<void> {
  for (const association of declaration.associations) {
    const { security } = association;
    if (security?.encryptionKey === undefined) continue;
    const { invocationCounter } = security;
    const first =
      typeof invocationCounter === "number"
        ? invocationCounter
        : (await readCounter(declaration, association, invocationCounter, counters, connector)) + 1;
    counters.startAt(new SymmetricKey(security.encryptionKey), security.clientTitle, first);
  }
}

async function readCounter(
  declaration: Declaration,
  association: DeclaredAssociation,
  object: string,
  counters: RunCounters,
  connector: Connector,
): Promise<number> {
  const refuse = (reason: string): never => {
    throw new DeclarationError(`association "${association.name}": invocation counter ${object}: ${reason}`);
  };
  const open = declaration.associations.find((one) => one.mechanism === 0 && one.context === 1);
  if (open === undefined) return refuse("no association without security is declared to read it");
  const serverSap = association.logicalDevices[0] ?? 1;
  const connection = await connector.connect(open.clientSap, serverSap);
  try {
    const session = await openSession(connection, open, counters);
    const result = await session.get(attributeAt(1, object, 2));
    const value = result.kind === "data" && "value" in result.data ? result.data.value : undefined;
    return typeof value === "number" ? value : refuse("it is not readable as a number");
  } catch (error) {
    if (error instanceof DeclarationError) throw error;
    return refuse(error instanceof Error ? error.message : "unknown");
  } finally {
    await connection.close();
  }
}
