/** Hours of a whole gateway in this process with many meters each quarter of an hour, the clock leaping from cycle to cycle. */
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { stringify } from "yaml";
import { openDataDirectory } from "../../src/host/data-directory.js";
import { startGateway } from "../../src/host/gateway/index.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { createSimulation, generatedBuses, loopbackBuses, meterSettingsOf } from "../../src/host/simulated-buses.js";
import { formatProblems, loadSettings } from "../../src/settings/index.js";
import { type Cleanup, until, when } from "../support/gateway-process.js";
import { LeapingClock } from "../support/leaping-clock.js";
import { recordingLogger } from "../support/recording-logger.js";
import { readDatabase } from "./kill-run.js";

const quarterHour = 900_000;
const buses = 16;
const metersPerBus = 32;
export const dayMeters = buses * metersPerBus;

export interface DayResult {
  /** Of each meter, what is wrong with its history, in words. */
  readonly gaps: readonly string[];
  readonly meters: number;
  /** Bytes of live heap after each hour. */
  readonly heap: readonly number[];
  readonly seconds: number;
}

/** @param from  a whole hour, milliseconds since 1970 UTC */
export async function simulatedHours(cleanup: Cleanup, hours: number, from: number): Promise<DayResult> {
  const started = performance.now();
  const clock = new LeapingClock(from - 60_000);
  const simulation = createSimulation({ clock, baudRate: undefined, plan: generatedBuses(buses, metersPerBus, 1) });
  cleanup.after(() => Promise.all(simulation.map((bus) => bus.stop())));
  const host = "127.0.0.1";
  const loaded = loadSettings(
    stringify({
      identity: { serial: "00000001" },
      clock: { timeZone: "Europe/Stockholm" },
      readout: { schedule: "*/15 * * * *", multiTelegram: "auto" },
      interfaces: simulation.map(({ name }) => ({ name, kind: "tcp", host, port: 1 })),
      meters: meterSettingsOf(simulation),
      doors: { web: { host, port: 0 }, dlms: { host, port: 0 } },
    }),
    "a day's settings",
    settingsChecks,
  );
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const path = join(cleanup.folder(), "data");
  const data = await openDataDirectory(path);
  cleanup.after(() => data.release());
  const logger = recordingLogger();
  const gateway = await startGateway({
    settings: loaded.settings,
    data,
    buses: loopbackBuses(simulation, undefined),
    receivers: [],
    clock,
    logger,
    publicClientReadsMeters: false,
    notices: [],
  });
  cleanup.after(() => gateway.stop());

  const heap: number[] = [];
  for (let cycle = 0; cycle < hours * 4; cycle++) {
    // Only the newest lines are looked at; what is logged is no growth of the gateway's.
    logger.forget();
    await clock.leapTo(from + cycle * quarterHour);
    await until(
      "a readout cycle",
      () => when(logger.lines.some(({ message }) => message === "readout cycle ended")),
      60_000,
    );
    if (cycle % 4 === 3) heap.push(liveHeap());
  }
  await gateway.stop();
  const stored = readDatabase(path);
  const gaps = [...stored.meters.values()].flatMap(({ name, readings }) => gapsOf(name, readings, from, hours * 4));
  return { gaps, meters: stored.meters.size, heap, seconds: (performance.now() - started) / 1000 };
}

/** One reading for each quarter of an hour, soon after it began. */
function gapsOf(
  name: string,
  readings: readonly { readonly readAtMs: number }[],
  from: number,
  cycles: number,
): string[] {
  const gaps: string[] = [];
  if (readings.length !== cycles) gaps.push(`${name}: ${readings.length} readings in ${cycles} cycles`);
  for (const [index, { readAtMs }] of readings.entries()) {
    const late = readAtMs - (from + index * quarterHour);
    if (late < 0 || late >= quarterHour) gaps.push(`${name}: reading ${index + 1} is ${late} ms after its cycle began`);
  }
  return gaps;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function liveHeap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
