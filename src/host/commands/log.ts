import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { LogEntry, LogList } from "../../views/rest/contract.js";
import { numberOption } from "../arguments.js";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, type RestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway log [--severity S] [--since TIME] [--until TIME] [--origin O] [--limit N] [--follow | --csv]

The system log of a running gateway, oldest first.

  --severity S    this and above: debug, information, warning, error, critical
  --since TIME    ISO 8601 with zone, or a time back from now: 30m, 12h, 7d
  --until TIME    the same
  --origin O      a section (meter, report, security ...) or a whole origin (meter/GWF19458309073C)
  --limit N       so many of the newest (default 100); not with --csv
  --follow        goes on with new entries until it is stopped
  --csv           all of them as CSV
${restClientUsage}`;

const severities = ["debug", "information", "warning", "error", "critical"];
const pollMs = 1000;
const mostAPage = 1000;

export const command: Command = {
  usage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        severity: { type: "string" },
        since: { type: "string" },
        until: { type: "string" },
        origin: { type: "string" },
        limit: { type: "string", default: "100" },
        follow: { type: "boolean", default: false },
        csv: { type: "boolean", default: false },
      },
    });
    const { severity, since, until, origin, follow, csv } = values;
    if (severity !== undefined && !severities.includes(severity)) {
      throw new WrongUse(`--severity is one of ${severities.join(", ")}`);
    }
    if (follow && (csv || until !== undefined)) throw new WrongUse("--follow goes neither with --csv nor with --until");
    const limit = numberOption("limit", values.limit, 1, mostAPage);
    const filter = new URLSearchParams();
    if (severity !== undefined) filter.set("severity", severity);
    if (since !== undefined) filter.set("from", momentOf("--since", since));
    if (until !== undefined) filter.set("to", momentOf("--until", until));
    if (origin !== undefined) filter.set("origin", origin);
    const client = createRestClient(values);
    if (csv) return writeCsv(client, filter);
    const { entries } = await page(client, filter, { limit: String(limit) });
    write([...entries].reverse());
    if (follow) await goOn(client, filter, entries[0]?.id);
    return 0;
  },
};

async function writeCsv(client: RestClient, filter: URLSearchParams): Promise<number> {
  const response = await client.fetch({ path: `/log.csv?${filter}` });
  for await (const piece of response.body ?? []) process.stdout.write(piece);
  return 0;
}

/** Until the process is stopped. */
async function goOn(client: RestClient, filter: URLSearchParams, newest: number | undefined): Promise<never> {
  // Where nothing fitted, what comes from here on: behind the newest of all.
  let after = newest ?? (await page(client, new URLSearchParams(), { limit: "1" })).entries[0]?.id ?? 0;
  for (;;) {
    const { entries, hasMore } = await page(client, filter, { after: String(after), limit: String(mostAPage) });
    write(entries);
    after = entries.at(-1)?.id ?? after;
    if (!hasMore) await wait(pollMs);
  }
}

function page(client: RestClient, filter: URLSearchParams, more: Readonly<Record<string, string>>): Promise<LogList> {
  return client.get(`/log?${new URLSearchParams({ ...Object.fromEntries(filter), ...more })}`);
}

function write(entries: readonly LogEntry[]): void {
  for (const { time, severity, origin, textId, text } of entries) {
    process.stdout.write(`${time}  ${severity.padEnd(11)}  ${origin}  ${textId}  ${text}\n`);
  }
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function momentOf(option: string, text: string): string {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(Date.now() - Number(count) * (units[unit] ?? 0)).toISOString();
  if (Number.isNaN(Date.parse(text))) throw new WrongUse(`${option} wants ISO 8601 with zone or 30m, 12h, 7d`);
  return text;
}
