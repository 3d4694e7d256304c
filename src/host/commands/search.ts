import { parseArgs } from "node:util";
import type { SearchState } from "../../views/rest/contract.js";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, type RestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway search start [--modes secondary,primary,esecondary,wireless] [--interfaces A,B] [--baud 2400,300]
                                  [--count N] [--clear] [--first N] [--last N] [--listen SECONDS] [--thorough] [--no-wait]
       cosem-gateway search status
       cosem-gateway search cancel

Searches for meters on a running gateway: modes in this order (default: secondary), interfaces side by side (default: all).
What is found is installed and read. --count stops at so many; --clear takes the meters of these interfaces off the list first
(their history stays for when they are found again). --thorough tries hex digits and both ways to select everywhere, in about
three times the time. Ctrl-C leaves the search running; "search cancel" ends it.

${restClientUsage}`;

const pollMs = 1000;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        modes: { type: "string" },
        interfaces: { type: "string" },
        baud: { type: "string" },
        count: { type: "string" },
        first: { type: "string" },
        last: { type: "string" },
        listen: { type: "string" },
        clear: { type: "boolean", default: false },
        thorough: { type: "boolean", default: false },
        "no-wait": { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [action] = positionals;
    const client = createRestClient(values);
    switch (action) {
      case "start": {
        const body = {
          ...optional("modes", values.modes?.split(",")),
          ...optional("interfaces", values.interfaces?.split(",")),
          ...optional(
            "baudRates",
            values.baud?.split(",").map((text) => numberOf(text, "--baud")),
          ),
          ...optional("meterCount", values.count && numberOf(values.count, "--count")),
          ...optional("firstPrimary", values.first && numberOf(values.first, "--first")),
          ...optional("lastPrimary", values.last && numberOf(values.last, "--last")),
          ...optional("listenSeconds", values.listen && numberOf(values.listen, "--listen")),
          ...(values.thorough ? { isThorough: true } : {}),
          clearList: values.clear,
        };
        const begun = await client.post<SearchState>("/search", body);
        return values["no-wait"] ? show(begun) : wait(client);
      }
      case "status":
        return show(await client.get<SearchState>("/search"));
      case "cancel":
        return show(await client.call<SearchState>({ path: "/search", method: "DELETE" }));
      default:
        throw new WrongUse(action === undefined ? "start, status or cancel is missing" : `unknown action "${action}"`);
    }
  },
};

function optional(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

function numberOf(text: string, name: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new WrongUse(`${name}: a number is wanted`);
  return Number(text);
}

async function wait(client: RestClient): Promise<number> {
  for (;;) {
    const state = await client.get<SearchState>("/search");
    if (!state.isRunning) return show(state);
    process.stderr.write(`${progressOf(state)}\n`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function progressOf({ tried, foundCount, share, secondsLeft }: SearchState): string {
  const left = secondsLeft === null ? "" : `, about ${secondsLeft} s left`;
  return `${Math.round(share * 100)} %, ${tried} addresses tried, ${foundCount} meters found${left}`;
}

function show(state: SearchState): number {
  const lines = [state.isRunning ? progressOf(state) : (state.message ?? "no search was started yet")];
  for (const part of state.interfaces) {
    lines.push(
      `${part.interfaceName}: ${part.state}, ${part.tried} tried, ${part.found} found${part.message === null ? "" : `. ${part.message}`}`,
    );
  }
  for (const { interfaceName, address, device, result, message } of state.found) {
    lines.push(`${result} ${interfaceName} ${address} ${device ?? ""}${message === null ? "" : `: ${message}`}`);
  }
  for (const place of state.unresolved) lines.push(`could not be told apart: ${place}`);
  process.stdout.write(`${lines.join("\n")}\n`);
  return 0;
}
