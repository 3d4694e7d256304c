import { afterEach, expect, it } from "vitest";
import { Cleanup } from "../support/gateway-process.js";
import { surviveRounds } from "./hostile-run.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/**
 * What the process may hold more, at any moment, than before the attack: of 3,000 connections at once the doors take
 * some 1,500 (1,000, 10, 512) with some 20 KiB each, 30 MB; their limits allow less than 20 MB of half requests and of
 * answers that nobody reads; and V8 lets its heap grow by some young generations of 16 MB, and Node 24 by more, before
 * it collects: 60 to 125 MB were measured. A door that holds what it is sent goes far beyond it: without its limit on
 * pipelining the web held 400 MB.
 */
const mostMoreMb = 250;
/** One more round of some 4,000 connections: 10 KiB that each left behind would be 40 MB in each round again. */
const mostMoreByLastRoundMb = 40;

it("answers as before after malformed input and crowds on each door, and holds no more memory", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const { gateway, before, after, startMb, peakMb, afterRoundMb } = await surviveRounds(cleanup, 3, seed);
  const memory = `SEED=${seed}: ${startMb} MB before, ${peakMb} at most, ${afterRoundMb.join(", ")} after each round`;
  expect(before.modbus).toMatch(/^00010000000b010308[0-9a-f]{16}$/);
  for (const answers of after) expect(answers, memory).toEqual(before);
  expect(peakMb - startMb, memory).toBeLessThan(mostMoreMb);
  const [beforeLast = 0, last = Number.NaN] = afterRoundMb.slice(-2);
  expect(last - beforeLast, memory).toBeLessThan(mostMoreByLastRoundMb);
  // What was refused was refused: nothing failed inside.
  expect(gateway.process.log().filter(({ level }) => level >= 50)).toEqual([]);
  expect(await gateway.process.stop()).toEqual({ code: 0, signal: null });
}, 90_000);
