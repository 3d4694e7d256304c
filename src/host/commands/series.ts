import { parseArgs } from "node:util";
import type {
  DefinedSeries,
  SeriesCheck,
  SeriesDefinition,
  SeriesList,
  SeriesValues,
} from "../../views/rest/contract.js";
import { numberOption } from "../arguments.js";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, type RestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway series list [--device NAME]
       cosem-gateway series values ID [--from TIME] [--to TIME] [--limit N]
       cosem-gateway series check EXPRESSION [--unit U]
       cosem-gateway series define NAME EXPRESSION [--unit U] [--tolerance MINUTES]
       cosem-gateway series remove NAME
       cosem-gateway series swap OLD_DEVICE NEW_DEVICE --at TIME

  An expression: [A/1-0:1.8.0] + [B/1-0:1.8.0], consumption([A/8-0:1.0.0], day), mean([A/1-0:16.7.0], hour);
  docs/series.md tells all of it. Times are ISO 8601 with zone.
${restClientUsage}`;

type Choice = Readonly<Record<"device" | "from" | "to" | "unit" | "tolerance" | "at", string | undefined>> & {
  readonly limit: string;
};

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        device: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
        limit: { type: "string", default: "1000" },
        unit: { type: "string" },
        tolerance: { type: "string" },
        at: { type: "string" },
      },
      allowPositionals: true,
    });
    const [action = "", ...rest] = positionals;
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (act === undefined)
      throw new WrongUse(`there is no action "${action}"; there are ${Object.keys(actions).join(", ")}`);
    if (rest.length !== act.words.length)
      throw new WrongUse(`series ${action} wants ${act.words.join(" ") || "no more words"}`);
    for await (const line of act.run(createRestClient(values), rest, values as unknown as Choice)) {
      process.stdout.write(`${line}\n`);
    }
    return 0;
  },
};

interface Action {
  readonly words: readonly string[];
  run(client: RestClient, words: readonly string[], choice: Choice): AsyncIterable<string>;
}

const actions: Readonly<Record<string, Action>> = {
  list: { words: [], run: list },
  values: { words: ["ID"], run: values },
  check: {
    words: ["EXPRESSION"],
    async *run(client, [expression = ""], choice) {
      const body = definition("check", expression, choice);
      const { unit, series } = await client.post<SeriesCheck>("/series/check", body);
      yield `good; unit ${unit === "" ? "none" : unit}; of ${series.join(", ")}`;
    },
  },
  define: {
    words: ["NAME", "EXPRESSION"],
    async *run(client, [name = "", expression = ""], choice) {
      const body = definition(name, expression, choice);
      yield* told(await client.call<DefinedSeries>({ path: "/series/computed", method: "PUT", body }));
    },
  },
  remove: {
    words: ["NAME"],
    async *run(client, [name = ""]) {
      await client.call({ path: `/series/computed?${new URLSearchParams({ name })}`, method: "DELETE" });
      yield `${name}: removed`;
    },
  },
  swap: {
    words: ["OLD_DEVICE", "NEW_DEVICE"],
    async *run(client, [before = "", after = ""], { at }) {
      if (at === undefined) throw new WrongUse("--at TIME is missing: from when on the new meter counts");
      yield* told(await client.post<DefinedSeries>("/series/swaps", { before, after, at }));
    },
  },
};

async function* list(client: RestClient, _words: readonly string[], { device }: Choice): AsyncIterable<string> {
  for (let after: string | null | undefined; after !== null; ) {
    const query = new URLSearchParams({ limit: "1000", ...(device && { device }), ...(after && { after }) });
    const page: SeriesList = await client.get<SeriesList>(`/series?${query}`);
    for (const { id, name, unit, expression, problem } of page.series) {
      yield [
        id,
        unit === "" ? "-" : unit,
        expression ?? name,
        ...(problem === null ? [] : [`PROBLEM: ${problem}`]),
      ].join("\t");
    }
    after = page.next;
  }
}

async function* values(client: RestClient, [id = ""]: readonly string[], choice: Choice): AsyncIterable<string> {
  let left = numberOption("limit", choice.limit, 1, 100_000_000);
  let { from } = choice;
  const { to } = choice;
  while (left > 0) {
    const query = new URLSearchParams({
      id,
      limit: String(Math.min(left, 10_000)),
      ...(from && { from }),
      ...(to && { to }),
    });
    const page = await client.get<SeriesValues>(`/series/values?${query}`);
    for (const { time, end, value, note, status } of page.values) {
      yield [
        time,
        ...(end === null ? [] : [end]),
        value === null ? `none: ${note}` : `${value} ${page.unit}`.trimEnd(),
        ...(status === "ok" ? [] : [status]),
      ].join("\t");
    }
    left -= page.values.length;
    if (page.next === null) return;
    from = page.next;
  }
}

async function* told({ series }: DefinedSeries): AsyncIterable<string> {
  for (const { name, expression, register } of series) yield `${name}\t${expression}\t${register}`;
}

function definition(name: string, expression: string, { unit, tolerance }: Choice): SeriesDefinition {
  const toleranceMinutes = tolerance === undefined ? undefined : numberOption("tolerance", tolerance, 0, 44_640);
  return { name, expression, ...(unit && { unit }), ...(toleranceMinutes === undefined ? {} : { toleranceMinutes }) };
}
