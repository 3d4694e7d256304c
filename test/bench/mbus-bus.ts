/** The wired bus in virtual time: the protocol as on the wire, at 2400 baud, minutes passing at once. */
import { addresses, anyDelays, plainMeter } from "../support/plain-meter.js";
import { utilisation, virtualBus } from "../support/virtual-bus.js";
import { type Bench, type BenchResult, result } from "./result.js";

const meterCount = 120;

function meters(kind: "random" | "consecutive", seed: number) {
  const delays = anyDelays(meterCount, seed);
  return addresses(meterCount, kind, seed).map((address, index) =>
    plainMeter({ address, answerDelayMs: delays[index] ?? 96 }),
  );
}

/** MBUS.md, part e: seconds of a wildcard tree at the limit, 150-byte answers. */
const reckonedSeconds = { random: 266, consecutive: 160 } as const;

async function search(kind: "random" | "consecutive"): Promise<BenchResult> {
  const runs = kind === "random" ? 20 : 1;
  let seconds = 0;
  let found = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const bus = virtualBus(meters(kind, seed));
    const report = await bus.run(bus.readout.search("a", { modes: ["secondary"] }));
    seconds += (report?.durationMs ?? 0) / 1000 / runs;
    found += report?.found.length ?? 0;
  }
  const reference = { what: "wildcard tree as reckoned, at the limit", value: reckonedSeconds[kind] };
  return result(
    "search-120",
    seconds,
    "s on the wire",
    reference,
    `${kind} ids, ${found} of ${runs * meterCount} found`,
  );
}

async function busUtilisation(): Promise<BenchResult> {
  const bus = virtualBus(addresses(meterCount, "random").map((address) => plainMeter({ address })));
  const report = await bus.run(bus.readout.readAll());
  const reference = { what: "aim", value: 0.95 };
  const note = `${report.read} meters in ${(report.durationMs / 1000).toFixed(1)} s, secondary, 150-byte answers`;
  return result("bus-utilisation-120", utilisation(bus, report.durationMs), "share of time", reference, note);
}

export const mbusBusBench: Bench = {
  names: ["bus-utilisation-120", "search-120"],
  async run(names) {
    const results: BenchResult[] = [];
    if (names.has("bus-utilisation-120")) results.push(await busUtilisation());
    if (names.has("search-120")) results.push(await search("random"), await search("consecutive"));
    return results;
  },
};
