import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  type CaseResult,
  conformanceCases,
  type Declaration,
  DeclarationError,
  declarationSchema,
  declarePlain,
  formatHtml,
  formatJson,
  formatJunit,
  formatResult,
  formatSummary,
  notice,
  type ReportHead,
  resolveDeclaration,
  runConformance,
} from "../../../conformance/index.js";
import { publicClientSap, Secret } from "../../../cosem/index.js";
import { readCheckedYaml, YamlError } from "../../settings/checked-yaml.js";
import { openSerial } from "../../transport/index.js";
import { hostAndPort, numberOption } from "../arguments.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";

const usage = `usage: cosem-gateway conformance HOST[:PORT] [OPTIONS]
       cosem-gateway conformance [HOST[:PORT]] --declare FILE [OPTIONS]
       cosem-gateway conformance --list

Checks how a DLMS/COSEM server behaves: opening and refusing associations, data exchange, objects, profiles, security,
HDLC, notifications. It reads, tries writes that must be refused, and writes only what a declaration permits.
It is not the DLMS User Association's tool, and its verdicts are no certificate.

  --declare FILE     YAML or JSON: profile, logical devices, associations with keys, extras; see docs/conformance.md
  --client N         client SAP (default 16, the public client); without --declare
  --password TEXT    low-level password of that client; or DLMS_PASSWORD in the environment
  --server N         server SAP (default 1); without --declare
  --timeout SECONDS  wait so long for each answer (default 2); without --declare
  --only TEXT,…      cases whose name holds one of these
  --report KIND=FILE,…  also write json, junit or html
  --list             name the cases, and run none

Ctrl-C ends after the case that runs, with the report so far. Exit code 1 when a case failed or was inconclusive.`;

const writers = { json: formatJson, junit: formatJunit, html: formatHtml } as const;
type ReportKind = keyof typeof writers;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        declare: { type: "string" },
        client: { type: "string" },
        password: { type: "string" },
        server: { type: "string" },
        timeout: { type: "string" },
        only: { type: "string" },
        report: { type: "string", multiple: true, default: [] },
        list: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    if (values.list) return listCases();
    const reports = values.report.flatMap((text) => text.split(",")).map(reportOption);
    const declaration =
      values.declare === undefined
        ? plainDeclaration(positionals[0], values)
        : declared(values.declare, positionals[0], values);
    const only = values.only === undefined ? {} : { only: values.only.split(",") };
    const cancel = new AbortController();
    const interrupt = () => cancel.abort();
    process.once("SIGINT", interrupt);
    const startedAt = new Date().toISOString();
    try {
      const results = await runConformance({ declaration, openLine, signal: cancel.signal, ...only }, (result) =>
        process.stdout.write(`${formatResult(result)}\n`),
      );
      const { host, port, profile, serial } = declaration;
      const where = serial === undefined ? `${host}:${port}` : serial.path;
      const head = { target: `${where}, ${profile}`, startedAt, isPartial: cancel.signal.aborted };
      writeReports(reports, head, results);
      process.stdout.write(`${head.isPartial ? "cancelled\n" : ""}${formatSummary(results)}\n`);
      const isClean = results.every(({ verdict }) => verdict === "pass" || verdict === "inapplicable");
      return isClean && !head.isPartial ? 0 : 1;
    } catch (error) {
      if (error instanceof DeclarationError) throw new CommandFailed(error.message);
      throw error;
    } finally {
      process.off("SIGINT", interrupt);
    }
  },
};

const openLine = (line: { readonly path: string; readonly baudRate: number }) =>
  openSerial({ ...line, parity: "none" });

function listCases(): number {
  for (const { name, about } of conformanceCases) process.stdout.write(`${name.padEnd(26)} ${about}\n`);
  process.stdout.write(`${notice}\n`);
  return 0;
}

interface PlainOptions {
  readonly client?: string | undefined;
  readonly password?: string | undefined;
  readonly server?: string | undefined;
  readonly timeout?: string | undefined;
}

function plainDeclaration(where: string | undefined, values: PlainOptions): Declaration {
  const password = values.password ?? process.env["DLMS_PASSWORD"];
  return declarePlain({
    ...hostAndPort(where),
    clientSap: numberOption("client", values.client ?? String(publicClientSap), 1, 126),
    serverSap: numberOption("server", values.server ?? "1", 1, 65_535),
    timeoutMs: numberOption("timeout", values.timeout ?? "2", 1, 600) * 1000,
    ...(password === undefined ? {} : { password: new Secret(new TextEncoder().encode(password)) }),
  });
}

/** @throws WrongUse for options that the file has, CommandFailed naming what is wrong with the file */
function declared(fileName: string, where: string | undefined, values: PlainOptions): Declaration {
  for (const name of ["client", "password", "server", "timeout"] as const) {
    if (values[name] !== undefined) throw new WrongUse(`--${name} stands in the file of --declare`);
  }
  let text: string;
  try {
    text = readFileSync(fileName, "utf8");
  } catch (error) {
    throw new CommandFailed(`${fileName}: ${error instanceof Error ? error.message : "not readable"}`);
  }
  try {
    const { value } = readCheckedYaml(declarationSchema, text, fileName);
    return resolveDeclaration(value, where === undefined ? {} : hostAndPort(where));
  } catch (error) {
    if (error instanceof YamlError) throw new CommandFailed(error.message.split("\n").join("; "));
    if (error instanceof DeclarationError) throw new CommandFailed(`${fileName}: ${error.message}`);
    throw error;
  }
}

interface ReportFile {
  readonly kind: ReportKind;
  readonly fileName: string;
}

function reportOption(text: string): ReportFile {
  const [kind = "", ...rest] = text.split("=");
  const fileName = rest.join("=");
  if (!Object.hasOwn(writers, kind) || fileName === "") {
    throw new WrongUse(`--report wants json=FILE, junit=FILE or html=FILE, not "${text}"`);
  }
  return { kind: kind as ReportKind, fileName };
}

function writeReports(reports: readonly ReportFile[], head: ReportHead, results: readonly CaseResult[]): void {
  for (const { kind, fileName } of reports) {
    try {
      writeFileSync(fileName, writers[kind](head, results));
    } catch (error) {
      throw new CommandFailed(`${fileName}: ${error instanceof Error ? error.message : "not writable"}`);
    }
  }
}
