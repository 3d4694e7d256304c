import { AssociationRejected, DecodeError, ServiceRefused } from "../cosem/index.js";
import {
  type CaseContext,
  type CaseResult,
  type ConformanceCase,
  type ConformanceOptions,
  fail,
  inconclusive,
  type Outcome,
} from "./case.js";
import { dataExchangeCases } from "./cases/data-exchange.js";
import { objectCases } from "./cases/objects.js";
import { openCases } from "./cases/open.js";
import { connectDlms, type DlmsConnection, NoAnswer } from "./tcp-connection.js";

export const conformanceCases: readonly ConformanceCase[] = [...openCases, ...dataExchangeCases, ...objectCases];

/** Told of each case as it ends. */
export type ConformanceReport = (result: CaseResult) => void;

/**
 * Runs the cases one after the other, each on connections of its own. Only reads, and one write that must be refused.
 * This is not the DLMS User Association's conformance tool, and its verdicts are no certificate.
 */
export async function runConformance(
  options: ConformanceOptions,
  report: ConformanceReport,
): Promise<readonly CaseResult[]> {
  const { only } = options;
  const results: CaseResult[] = [];
  for (const one of conformanceCases) {
    if (only !== undefined && !one.name.includes(only)) continue;
    const result = await runCase(one, options);
    report(result);
    results.push(result);
  }
  return results;
}

async function runCase(one: ConformanceCase, options: ConformanceOptions): Promise<CaseResult> {
  const connections: DlmsConnection[] = [];
  const context: CaseContext = {
    options,
    async connect(client = {}, clientSap = options.clientSap ?? 16) {
      const { host, port, serverSap = 1, timeoutMs = 2000 } = options;
      const connection = await connectDlms({ host, port, clientSap, serverSap, timeoutMs }, client);
      connections.push(connection);
      return connection;
    },
    async open(client = {}) {
      const password = options.password === undefined ? {} : { password: options.password };
      const connection = await context.connect({ ...password, ...client });
      await connection.client.open();
      return connection;
    },
  };
  const outcome = await one.run(context).catch(outcomeOf);
  await Promise.all(connections.map((connection) => connection.close()));
  const { name, about, reference } = one;
  return { ...outcome, case: { name, about, reference }, trace: connections.flatMap((connection) => connection.trace) };
}

/** What a case did not foresee: the server's doing where it spoke, otherwise nothing was seen. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof AssociationRejected || error instanceof ServiceRefused) return fail(error.message);
  if (error instanceof DecodeError) return fail(`an answer that cannot be read: ${error.message}`);
  if (error instanceof NoAnswer) return fail(error.message);
  return inconclusive(error instanceof Error ? error.message : "unknown");
}
