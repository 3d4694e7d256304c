import { describe, expect, it } from "vitest";
import { setPrimaryAddress } from "../../src/mbus/index.js";
import type { ByteChannel } from "../../src/ports/index.js";
import { createSimulatedBus, createSimulatedMeter } from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { manualClock } from "../support/manual-clock.js";
import { bench, multicals } from "./bench.js";

const primary = (address: number) => ({ kind: "primary", address }) as const;

/** Two Multicals on a line whose rate can be changed, or not. */
function line(canChange: boolean) {
  const clock = manualClock(1_773_500_940_000);
  const meters = multicals(2).map((spec) => createSimulatedMeter(spec, clock));
  const bus = createSimulatedBus({ name: "a", meters, clock, baudRate: 2400 });
  const rates: number[] = [];
  const open = async (): Promise<ByteChannel> => {
    const [ours, theirs] = channelPair();
    bus.attach(theirs);
    if (!canChange) return ours;
    return Object.assign(ours, {
      setBaudRate: async (baudRate: number) => {
        rates.push(baudRate);
        bus.setBaudRate(baudRate);
      },
    });
  };
  // The bench's own clock drives both.
  const set = bench([{ name: "a", meters: multicals(2), open }]);
  const run = async <Result>(promise: Promise<Result>): Promise<Result> => {
    let isDone = false;
    const settled = promise.finally(() => {
      isDone = true;
    });
    while (!isDone) await Promise.all([set.clock.advance(5), clock.advance(5)]);
    return settled;
  };
  return { ...set, run, rates, meters, clock };
}

describe("commands on a bus", () => {
  it("set a meter's primary address", async () => {
    const { run, readout, buses } = bench([{ name: "a", meters: multicals(2) }]);
    const send = { kind: "send", applicationData: setPrimaryAddress(77) } as const;
    expect(await run(readout.command("a", primary(1), send))).toEqual({ ok: true, answer: undefined });
    expect(buses[0]?.meters.map((meter) => meter.primaryAddress)).toEqual([77, 2]);
    expect(await run(readout.command("a", primary(1), { kind: "probe" }))).toMatchObject({ ok: false });
    expect(await readout.command("b", primary(1), send)).toBeUndefined();
  });
  it("change one meter's baud rate, the bus going on at its own", async () => {
    const { run, readout, rates, meters } = line(true);
    const faster = { kind: "setBaudRate", baudRate: 9600 } as const;
    expect(await run(readout.command("a", primary(1), faster))).toMatchObject({ ok: true });
    expect([rates, meters.map((meter) => meter.baudRate)]).toEqual([[9600], [9600, undefined]]);
    expect((await run(readout.readOne(2)))?.ok).toBe(true);
    expect(rates).toEqual([9600, 2400]);
    expect((await run(readout.readOne(1)))?.ok).toBe(false);
    const report = await run(
      readout.search("a", { modes: ["primary"], primaryRange: { first: 1, last: 2 }, baudRates: [2400, 9600] }),
    );
    expect(report?.found.map((meter) => [meter.primaryAddress, meter.baudRate])).toEqual([
      [2, 2400],
      [1, 9600],
    ]);
  });
  it("leave a meter that then hears nothing at its rate, until it goes back of itself", async () => {
    const { run, readout, meters, clock } = line(true);
    expect(await run(readout.command("a", primary(1), { kind: "setBaudRate", baudRate: 9600 }))).toMatchObject({
      ok: true,
    });
    // The bus goes on at 2400 with the other meter: the first one is deaf to that, for two minutes.
    expect((await run(readout.readOne(2)))?.ok).toBe(true);
    expect((await run(readout.readOne(1)))?.ok).toBe(false);
    await clock.advance(120_000);
    expect((await run(readout.readOne(1)))?.ok).toBe(true);
    expect(meters[0]?.baudRate).toBeUndefined();
  });
  it("refuse to where the interface cannot follow", async () => {
    const { run, readout, meters } = line(false);
    const refused = await run(readout.command("a", primary(1), { kind: "setBaudRate", baudRate: 9600 }));
    expect(refused).toMatchObject({
      ok: false,
      reason: "baudRateRefused",
      words: expect.stringContaining("cannot change"),
    });
    expect(meters[0]?.baudRate).toBeUndefined();
  });
});
