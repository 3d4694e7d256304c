import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import {
  faultsOf,
  killedAfter,
  loopbackDoors,
  readDatabase,
  readLedger,
  seededRandom,
  startSimulator,
} from "../e2e/kill-run.js";
import type { SeenReading } from "../support/event-stream.js";
import { Cleanup } from "../support/gateway-process.js";

const kills = Number(process.env["KILLS"] ?? 1000);

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it(`loses no reading that was shown over ${kills} kills, looked at after each`, async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const simulator = await startSimulator(cleanup, "38400", loopbackDoors());
  const data = join(cleanup.folder(), "data");
  const seen: SeenReading[] = [];
  for (let kill = 0; kill < kills; kill++) {
    seen.push(...(await killedAfter(cleanup, simulator, data, random() * 2500)));
    expect(faultsOf(readDatabase(data), readLedger(simulator.ledger), seen), `SEED=${seed}, kill ${kill}`).toEqual([]);
  }
});
