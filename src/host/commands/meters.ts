import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import type {
  DefinedSeries,
  ImportAnswer,
  ListedMeter,
  ListedMeters,
  ManualReadout,
} from "../../views/rest/contract.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { importText } from "../import-text.js";
import { createRestClient, type RestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway meters list [--text WORDS] [--state active|passive] [--json]
       cosem-gateway meters show METER
       cosem-gateway meters add FIELD=VALUE …          e.g. interfaceName=cellar secondaryAddress=12345678 "position=Flat 1"
       cosem-gateway meters set METER FIELD=VALUE …    without a value it is taken away: baudRate=
       cosem-gateway meters remove METER … [--keep-history]
       cosem-gateway meters replace METER [FIELD=VALUE …] [--at TIME]   a new meter in its place: is read, goes on its series
       cosem-gateway meters reinstall METER …          wireless: the receiver that hears it best now
       cosem-gateway meters import FILE [--dry-run] [--good-rows] [--interface NAME]
       cosem-gateway meters export FILE                .csv, .xls or .xlsx by its ending
       cosem-gateway meters example FILE

The meter list of a running gateway. METER is a logical device name, sap16, or a secondary address.
Fields: interfaceName, position, secondaryAddress, manufacturer, version, type, primaryAddress, baudRate, addressingMode,
fabricationNumber, receiver, state; multiTelegram, telegramLimit, responseTimeoutMs, readoutRetries, selectionRetries,
collisionIdleMs, requestIdleMs.

${restClientUsage}`;

const mbusFields: ReadonlySet<string> = new Set([
  "multiTelegram",
  "telegramLimit",
  "responseTimeoutMs",
  "readoutRetries",
  "selectionRetries",
  "collisionIdleMs",
  "requestIdleMs",
]);
const texts: ReadonlySet<string> = new Set([
  "interfaceName",
  "position",
  "secondaryAddress",
  "manufacturer",
  "addressingMode",
  "fabricationNumber",
  "receiver",
  "state",
  "multiTelegram",
]);
const numbers: ReadonlySet<string> = new Set(["version", "type", "primaryAddress", "baudRate", ...mbusFields]);

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        text: { type: "string" },
        state: { type: "string" },
        json: { type: "boolean", default: false },
        "keep-history": { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        "good-rows": { type: "boolean", default: false },
        interface: { type: "string" },
        at: { type: "string" },
      },
      allowPositionals: true,
    });
    const [action, ...rest] = positionals;
    const [first] = rest;
    const needed = (what: string): string => {
      if (first === undefined) throw new WrongUse(`${what} is missing`);
      return first;
    };
    const client = createRestClient(values);
    const path = (meter: string) => `/meter-list/${encodeURIComponent(meter)}`;
    switch (action) {
      case "list":
        return list(client, values);
      case "show":
        return print(await client.get<ListedMeter>(path(needed("METER"))));
      case "add":
        return print(await client.post<ListedMeter>("/meter-list", fieldsOf(rest)));
      case "set":
        return print(
          await client.call<ListedMeter>({
            path: path(needed("METER")),
            method: "PATCH",
            body: fieldsOf(rest.slice(1)),
          }),
        );
      case "remove":
        needed("METER");
        for (const meter of rest) {
          const query = values["keep-history"] ? "?keepHistory=true" : "";
          await client.call({ path: `${path(meter)}${query}`, method: "DELETE" });
          process.stdout.write(`${meter}: removed\n`);
        }
        return 0;
      case "replace":
        return replace(client, needed("METER"), rest.length > 1 ? fieldsOf(rest.slice(1)) : {}, values.at);
      case "reinstall":
        needed("METER");
        for (const meter of rest) {
          const { receiver } = await client.post<ListedMeter>(`${path(meter)}/reinstall`);
          process.stdout.write(`${meter}: ${receiver}\n`);
        }
        return 0;
      case "import": {
        const file = needed("FILE");
        const query = new URLSearchParams({ name: basename(file), dryRun: String(values["dry-run"]) });
        if (values["good-rows"]) query.set("take", "goodRows");
        if (values.interface !== undefined) query.set("interfaceName", values.interface);
        return importFile(client, `/meter-list/import?${query}`, file, values["dry-run"]);
      }
      case "export":
      case "example":
        return download(client, `/meter-list/${action}`, needed("FILE"));
      default:
        throw new WrongUse(action === undefined ? "an action is missing" : `unknown action "${action}"`);
    }
  },
};

/** Replaces, reads the new meter, and joins both by series that go on. */
async function replace(
  client: RestClient,
  meter: string,
  fields: Record<string, unknown>,
  given: string | undefined,
): Promise<number> {
  const before = await client.get<ListedMeter>(`/meter-list/${encodeURIComponent(meter)}`);
  const added = await client.post<ListedMeter>(`/meter-list/${encodeURIComponent(meter)}/replace`, fields);
  process.stdout.write(`${before.device}: passive, with its history; ${added.device} is in its place\n`);
  const { ok, message, readAt } = await client.post<ManualReadout>(`/meters/${added.device}/readout`);
  const { device: after } = await client.get<ListedMeter>(`/meter-list/sap${added.sap}`);
  const at = given ?? readAt ?? new Date().toISOString();
  const later = `cosem-gateway series swap ${before.device} ${after} --at ${at}`;
  if (!ok) throw new CommandFailed(`the new meter was not read (${message}); when it is: ${later}`);
  const { series } = await client
    .post<DefinedSeries>("/series/swaps", { before: before.device, after, at })
    .catch((error) => {
      throw new CommandFailed(`${(error as Error).message}; then: ${later}`);
    });
  for (const { name } of series) process.stdout.write(`${name} goes on with ${after}\n`);
  return 0;
}

async function list(
  client: RestClient,
  {
    text,
    state,
    json,
  }: { readonly text?: string | undefined; readonly state?: string | undefined; readonly json: boolean },
): Promise<number> {
  const meters: ListedMeter[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = new URLSearchParams({ limit: "500" });
    for (const [name, value] of Object.entries({ text, state, cursor })) if (value != null) query.set(name, value);
    const page: ListedMeters = await client.get<ListedMeters>(`/meter-list?${query}`);
    meters.push(...page.meters);
    cursor = page.next;
  }
  if (json) return print(meters);
  const titles = ["METER", "STATE", "ADDRESS", "PRIMARY", "MODE", "BAUD", "INTERFACE", "KEY", "POSITION"];
  const rows = meters.map((meter) => [
    meter.device,
    meter.state,
    meter.secondaryAddress ?? "",
    String(meter.primaryAddress ?? ""),
    meter.addressingMode,
    String(meter.baudRate ?? ""),
    meter.interfaceName,
    meter.key.kind,
    meter.position,
  ]);
  process.stdout.write(columns([titles, ...rows]));
  return 0;
}

export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}

export function print(answer: unknown): number {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  return 0;
}

/** @returns 1 where the file was not taken because of its rows */
export async function importFile(client: RestClient, path: string, file: string, isDryRun: boolean): Promise<number> {
  const raw = new Uint8Array(readOrFail(file));
  const answer = await client.call<ImportAnswer>({
    path,
    method: "POST",
    raw,
    contentType: "application/octet-stream",
  });
  process.stdout.write(importText(answer));
  return answer.isTaken || (isDryRun && answer.bad === 0) ? 0 : 1;
}

export async function download(client: RestClient, path: string, file: string): Promise<number> {
  const format = /\.(csv|xls|xlsx)$/i.exec(file)?.[1]?.toLowerCase();
  if (format === undefined) throw new WrongUse(`${file}: its ending must be .csv, .xls or .xlsx`);
  const response = await client.fetch({ path: `${path}?format=${format}` });
  writeOrFail(file, new Uint8Array(await response.arrayBuffer()));
  return 0;
}

export function writeOrFail(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    throw new CommandFailed(`cannot write ${file}: ${(error as Error).message}`);
  }
  process.stdout.write(`${file}: written\n`);
}

function readOrFail(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandFailed(`cannot read ${file}: ${(error as Error).message}`);
  }
}

function fieldsOf(words: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const mbus: Record<string, unknown> = {};
  for (const word of words) {
    const [, name = "", value = ""] = /^(\w+)=(.*)$/s.exec(word) ?? [];
    if (!texts.has(name) && !numbers.has(name)) throw new WrongUse(`"${word}": FIELD=VALUE is wanted; see --help`);
    if (value !== "" && !texts.has(name) && !/^\d+$/.test(value)) throw new WrongUse(`${name}: a number is wanted`);
    const given = value === "" && name !== "position" ? null : texts.has(name) ? value : Number(value);
    if (mbusFields.has(name)) mbus[name] = given;
    else fields[name] = given;
  }
  if (Object.keys(mbus).length > 0) fields["mbus"] = mbus;
  if (Object.keys(fields).length === 0) throw new WrongUse("FIELD=VALUE is missing");
  return fields;
}
