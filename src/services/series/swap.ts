/** A meter swap: one series for each counter that goes on from the old meter to the new one. */
import type { Registry } from "../../../cosem/index.js";
import { type MeterSwap, type NewDefinition, SeriesError } from "./contract.js";
import { Decimal } from "./decimal.js";
import { type RecordSeries, recordId, recordPoints, recordsOf } from "./records.js";

/** Quantities that count up for good. */
const counted: ReadonlySet<string> = new Set(["Wh", "J", "m3", "kg", "varh", "VAh", "cal"]);
const lookMs = 40 * 86_400_000;

/** @throws SeriesError where a meter is missing, or they have no counter in common */
export async function swapDefinitions(
  registry: Pick<Registry, "device">,
  swap: MeterSwap,
): Promise<readonly NewDefinition[]> {
  const before = countersOf(registry, swap.before);
  const after = countersOf(registry, swap.after);
  const definitions: NewDefinition[] = [];
  for (const old of before) {
    const { logicalName } = old.object;
    const fresh = after.find(
      ({ object, description }) => object.logicalName === logicalName && description.unit === old.description.unit,
    );
    if (fresh === undefined) continue;
    const offset = await offsetOf(old, fresh, swap);
    const at = new Date(swap.atMs).toISOString();
    definitions.push({
      name: `${old.device.name}+${logicalName}`,
      expression: `joined([${recordId(old)}], [${recordId(fresh)}], "${at}", ${offset.toFixed()})`,
      description: `${swap.before}, from ${at} on ${swap.after}`,
    });
  }
  const unknown = Object.keys(swap.readings ?? {}).find((name) => !before.some(({ object }) => isNamed(object, name)));
  if (unknown !== undefined) throw new SeriesError("invalid", `readings: ${swap.before} has no counter ${unknown}`);
  if (definitions.length === 0) {
    throw new SeriesError(
      "conflict",
      `${swap.before} and ${swap.after} have no counter of one code and unit in common`,
    );
  }
  return definitions;
}

function countersOf(registry: Pick<Registry, "device">, name: string): readonly RecordSeries[] {
  const device = registry.device(name);
  const records = device === undefined ? [] : recordsOf(device);
  if (records.length === 0) {
    throw new SeriesError(
      "unknown",
      `there is no meter "${name.slice(0, 80)}" with readings; GET /api/v1/meters lists them`,
    );
  }
  return records.filter(
    ({ description: { unit, function: kind, storage } }) => counted.has(unit) && kind === "inst" && storage === 0,
  );
}

function isNamed({ logicalName }: { readonly logicalName: string }, name: string): boolean {
  return logicalName === (name.includes("*") ? name : `${name}*255`);
}

/** What is added to the new meter: the old one's last reading less the new one's first. */
async function offsetOf(old: RecordSeries, fresh: RecordSeries, { atMs, readings }: MeterSwap): Promise<Decimal> {
  const told = Object.entries(readings ?? {}).find(([name]) => isNamed(old.object, name))?.[1];
  if (told !== undefined) return decimal(told.final).minus(decimal(told.first));
  let final: Decimal | undefined;
  for await (const { value } of recordPoints(old, { fromMs: atMs - lookMs, toMs: atMs - 1 })) final = value;
  let first: Decimal | undefined;
  for await (const { value } of recordPoints(fresh, { fromMs: atMs, toMs: atMs + lookMs })) {
    first = value;
    break;
  }
  if (final !== undefined && first !== undefined) return final.minus(first);
  const which = final === undefined ? `${old.device.name} before` : `${fresh.device.name} from`;
  throw new SeriesError(
    "conflict",
    `no reading of ${which} the swap within 40 days: give "readings" for ${old.object.logicalName} with final and first`,
  );
}

function decimal(text: string): Decimal {
  if (/^-?\d{1,20}(\.\d{1,12})?$/.test(text)) return new Decimal(text);
  throw new SeriesError("invalid", `readings: "${text.slice(0, 40)}" is not a decimal number`);
}
