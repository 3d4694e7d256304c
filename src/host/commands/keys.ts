import { basename } from "node:path";
import { parseArgs } from "node:util";
import type { ListedKey, ListedKeys } from "../../views/rest/contract.js";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, restClientOptions, restClientUsage } from "../rest-client.js";
import { columns, download, importFile } from "./meters.js";

const usage = `usage: cosem-gateway keys list
       cosem-gateway keys add [--address N] [--manufacturer M] [--type N] [--version N]     for all meters that fit
       cosem-gateway keys link METER          for this meter alone
       cosem-gateway keys remove ID
       cosem-gateway keys import FILE [--dry-run] [--good-rows]
       cosem-gateway keys example FILE        .csv, .xls or .xlsx by its ending

Encryption keys of a running gateway. A key is asked for on standard input, or taken from the environment variable
METER_KEY: 32 hex digits. No key is ever shown again. Files have the columns Address, Key, Manufacturer, DeviceType,
Version; -1 and * stand for all. The most exact match wins, then the newest.

${restClientUsage}`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        address: { type: "string" },
        manufacturer: { type: "string" },
        type: { type: "string" },
        version: { type: "string" },
        "dry-run": { type: "boolean", default: false },
        "good-rows": { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [action, first] = positionals;
    const needed = (what: string): string => {
      if (first === undefined) throw new WrongUse(`${what} is missing`);
      return first;
    };
    const client = createRestClient(values);
    switch (action) {
      case "list": {
        const keys: ListedKey[] = [];
        for (let cursor: string | null = ""; cursor !== null; ) {
          const page: ListedKeys = await client.get<ListedKeys>(
            `/keys?limit=500${cursor === "" ? "" : `&cursor=${cursor}`}`,
          );
          keys.push(...page.keys);
          cursor = page.next;
        }
        const titles = ["ID", "ADDRESS", "MANUFACTURER", "TYPE", "VERSION", "LINKED TO", "METERS", "ADDED"];
        const rows = keys.map((key) => [
          String(key.id),
          key.address ?? "all",
          key.manufacturer ?? "all",
          String(key.deviceType ?? "all"),
          String(key.version ?? "all"),
          key.device ?? "",
          String(key.meterCount),
          key.addedAt,
        ]);
        process.stdout.write(columns([titles, ...rows]));
        return 0;
      }
      case "add":
      case "link": {
        const device = action === "link" ? needed("METER") : undefined;
        const { address, manufacturer, type, version } = values;
        const kept = await client.post<ListedKey>("/keys", {
          key: await readKey(),
          device: device ?? null,
          address: address ?? null,
          manufacturer: manufacturer ?? null,
          deviceType: numberOf(type, "--type"),
          version: numberOf(version, "--version"),
        });
        process.stdout.write(`key ${kept.id}: opens ${kept.meterCount} meters\n`);
        return 0;
      }
      case "remove":
        await client.call({ path: `/keys/${encodeURIComponent(needed("ID"))}`, method: "DELETE" });
        process.stdout.write(`key ${first}: removed\n`);
        return 0;
      case "import": {
        const file = needed("FILE");
        const query = new URLSearchParams({ name: basename(file), dryRun: String(values["dry-run"]) });
        if (values["good-rows"]) query.set("take", "goodRows");
        return importFile(client, `/keys/import?${query}`, file, values["dry-run"]);
      }
      case "example":
        return download(client, "/keys/example", needed("FILE"));
      default:
        throw new WrongUse(action === undefined ? "an action is missing" : `unknown action "${action}"`);
    }
  },
};

/** Not from the command line: other users of the machine see that. */
async function readKey(): Promise<string> {
  const given = process.env["METER_KEY"];
  if (given !== undefined) return given.trim();
  if (process.stdin.isTTY) process.stderr.write("key, 32 hex digits: ");
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk as Uint8Array));
    if (Buffer.concat(chunks).includes(10)) break;
  }
  return Buffer.concat(chunks).toString("utf8").trim();
}

function numberOf(text: string | undefined, name: string): number | null {
  if (text === undefined || text === "-1") return null;
  if (!/^\d{1,3}$/.test(text)) throw new WrongUse(`${name}: a number from 0 to 255 is wanted`);
  return Number(text);
}
