import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { SeenReading } from "../support/event-stream.js";
import { Cleanup } from "../support/gateway-process.js";
import {
  faultsOf,
  killedAfter,
  loopbackDoors,
  readDatabase,
  readLedger,
  seededRandom,
  startSimulator,
} from "./kill-run.js";

const kills = 20;
/** From the first request of a cycle to about its end: 40 meters on three buses at 38,400 baud. */
const longestMs = 1200;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it(`loses no reading that was shown over ${kills} kills, and keeps nothing that no meter sent`, async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const simulator = await startSimulator(cleanup, "38400", loopbackDoors());
  const data = join(cleanup.folder(), "data");
  const seen: SeenReading[] = [];
  for (let kill = 0; kill < kills; kill++) {
    seen.push(...(await killedAfter(cleanup, simulator, data, random() * longestMs)));
  }

  const stored = readDatabase(data);
  const again = `repeat with SEED=${seed}`;
  expect(faultsOf(stored, readLedger(simulator.ledger), seen), again).toEqual([]);
  expect(stored.foreignKeyFaults, again).toEqual([]);
  // The test says nothing unless much was read, shown and killed.
  expect(stored.meters.size).toBe(40);
  expect([...stored.meters.values()].filter(({ readings }) => readings.length > 1).length).toBeGreaterThan(5);
  expect(seen.length, again).toBeGreaterThan(kills);
}, 120_000);
