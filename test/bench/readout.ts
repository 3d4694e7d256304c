/** One process that reads 32 buses of 32 meters at once, each paced as a wire of 2400 baud is, by a simulator beside it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { Cleanup, GatewayProcess, when } from "../support/gateway-process.js";
import { runOnce } from "./load/process.js";
import type { BusTraffic, ReadoutAnswer, ReadoutQuestion } from "./load/readout-child.js";
import { type Bench, median, result } from "./result.js";

const name = "readout-32x32";
const buses = 32;
const metersPerBus = 32;
const baudRate = 2400;
/** The simulator's: 11 bit times (EN 13757-2) and 10 ms. */
const slaveDelayMs = (11 * 1000) / baudRate + 10;

export const readoutBench: Bench = {
  names: [name],
  async run() {
    const cleanup = new Cleanup();
    try {
      const folder = cleanup.folder();
      const config = await startSimulator(cleanup, join(folder, "config.yaml"));
      const question: ReadoutQuestion = { config, folder: join(folder, "data") };
      const answer = await runOnce<ReadoutAnswer>("readout-child.js", question);
      const shares = answer.buses.map(busyShare);
      const limit = median(answer.buses.map(wireLimit));
      const note =
        `the least busy bus; median ${median(shares).toFixed(3)}; aim: ratio 0.95; ${answer.read} of ${buses * metersPerBus} meters in ` +
        `${answer.seconds.toFixed(1)} s at ${baudRate} baud, ${(answer.cpuShare * 100).toFixed(0)} % of one core`;
      return [result(name, Math.min(...shares), "share of time", { what: "the wire's limit", value: limit }, note)];
    } finally {
      await cleanup.run();
    }
  },
};

/** The share of the time in which a byte was on the wire or the slave's own delay ran. */
function busyShare({ bytes, requests, elapsedMs }: BusTraffic): number {
  return ((bytes * 11 * 1000) / baudRate + requests * slaveDelayMs) / elapsedMs;
}

/** The most that a wire can be busy: before each request it is idle for 33 bit times (EN 13757-2). */
function wireLimit({ bytes, requests }: BusTraffic): number {
  const busy = (bytes * 11 * 1000) / baudRate + requests * slaveDelayMs;
  return busy / (busy + (requests * 33 * 1000) / baudRate);
}

/** The settings with which it is read: fast idle, nothing by schedule, no door. */
async function startSimulator(cleanup: Cleanup, config: string): Promise<string> {
  const ports = Array.from({ length: buses }, () => "0").join(",");
  const pace = ["--baud", String(baudRate), "--meters", String(metersPerBus)];
  const simulator = cleanup.add(new GatewayProcess(["simulate", "--ports", ports, ...pace, "--write-config", config]));
  await simulator.until("the simulator", () => when(simulator.stdout.includes(`bus-${buses}:`)), 30_000);
  const written = parse(readFileSync(config, "utf8")) as { readout: object };
  const idle = { initialisationIdleMs: 0, requestIdleMs: 0, collisionIdleMs: 0 };
  const readout = { ...written.readout, ...idle, schedule: "0 0 1 1 *", multiTelegram: "auto" };
  const doors = { web: { enabled: false }, dlms: { enabled: false } };
  writeFileSync(config, stringify({ ...written, readout, doors }));
  return config;
}
