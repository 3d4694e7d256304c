import { parseArgs } from "node:util";
import { nextRuns, parsePattern, patternOfPreset, presets, wordsOf } from "../../scheduler/index.js";
import { numberOption } from "../arguments.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { localTimeOf } from "../local-time.js";

const usage = `usage: cosem-gateway cron "PATTERN" [--zone ZONE] [--count N] [--after TIME] [--seed SERIAL]
       cosem-gateway cron presets

Says what a schedule means and when it is due next. Needs no running gateway.

  --zone ZONE     IANA time zone (default UTC)
  --count N       so many runs (default 5)
  --after TIME    runs after this moment, ISO 8601 (default now)
  --seed SERIAL   serial number of the gateway: what ? draws depends on it

Five fields: minute hour day month weekday, all of which must fit. * every value, 1,2,3 lists, 1-5 ranges (fri-mon runs over
the end), */15 and 10-16/2 steps, names (jan, mon), 0 and 7 both Sunday, L the last day of the month, ? one value drawn
for this gateway, ?1-30 one of these, | between several patterns.`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        zone: { type: "string", default: "UTC" },
        count: { type: "string", default: "5" },
        after: { type: "string" },
        seed: { type: "string", default: "" },
      },
      allowPositionals: true,
    });
    const [text, ...more] = positionals;
    if (text === undefined || more.length > 0)
      throw new WrongUse('one pattern in quotes is wanted, e.g. "*/15 * * * *"');
    if (text === "presets") {
      const lines = presets.map(({ name, pattern, help }) => `${name.padEnd(18)} ${pattern.padEnd(16)} ${help}`);
      process.stdout.write(`${lines.join("\n")}\n`);
      return 0;
    }
    const parsed = parsePattern(patternOfPreset(text), values.seed);
    if (!parsed.ok) throw new CommandFailed(parsed.message);
    const after = values.after === undefined ? Date.now() : Date.parse(values.after);
    if (Number.isNaN(after)) throw new WrongUse("--after wants a moment such as 2026-11-23T04:00:00Z");
    const runs = nextRuns(parsed.pattern, after, zoneOf(values.zone), numberOption("count", values.count, 1, 1000));
    const lines = [...wordsOf(parsed.pattern), ...runs.map((instant) => textOf(instant, values.zone))];
    if (runs.length === 0) lines.push("never");
    process.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  },
};

function zoneOf(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    throw new WrongUse(`--zone: "${zone}" is no time zone; write an IANA name such as Europe/Paris`);
  }
}

/** Local time with its offset: `2026-11-23T05:00:00+01:00`. */
function textOf(instant: number, zone: string): string {
  const { deviation } = localTimeOf(zone)(instant);
  const local = new Date(instant - deviation * 60_000).toISOString().slice(0, 19);
  const minutes = Math.abs(deviation);
  const offset = `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${local}${deviation > 0 ? "-" : "+"}${offset}`;
}
