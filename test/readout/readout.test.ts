import { describe, expect, it } from "vitest";
import { toHex } from "../../cosem/codec/bytes.js";
import { createReadout } from "../../src/readout/index.js";
import { type AnswerNotice, demoBuses } from "../../src/simulator/index.js";
import { keepingLogger } from "../support/silent-logger.js";
import { bench, multicals, startMs } from "./bench.js";

describe("cycle", () => {
  it("reads the demo's 40 meters, each answer as its meter sent it, buses side by side", async () => {
    const ledger: AnswerNotice[] = [];
    const onAnswer = (notice: AnswerNotice) => void ledger.push(notice);
    const setup = demoBuses().map((bus) => ({ ...bus, simulation: { onAnswer } }));
    const { run, readout, completed, failed } = bench(setup);
    const report = await run(readout.readAll());
    expect(report).toMatchObject({ read: 40, failed: 0, skipped: 0, sinkErrors: 0, startedAtMs: startMs });
    expect(failed).toEqual([]);
    const sent = ledger.map((notice) => toHex(notice.telegram)).toSorted();
    expect(completed.flatMap((one) => one.telegrams.map(toHex)).toSorted()).toEqual(sent);
    // Side by side: the cycle takes as long as the slowest bus, within a tick of the test's clock.
    const longest = Math.max(...report.buses.map((bus) => bus.durationMs));
    expect(report.durationMs).toBeLessThan(longest + 50);
    expect(report.durationMs).toBeLessThan(30_000);
  });

  it("uses the bus for at least 95 % of a cycle of answering meters at 2400 baud", async () => {
    const { run, readout } = bench([{ name: "a", meters: multicals(5) }]);
    const report = await run(readout.readAll());
    // SELECT 17, E5 1, REQ_UD2 5, RSP_UD 253 bytes of 11 bits; the slave's delay (11 bits + 10 ms) twice.
    const busyMs = 5 * (((17 + 1 + 5 + 253) * 11 * 1000) / 2400 + 2 * (11_000 / 2400 + 10));
    expect(busyMs / report.durationMs).toBeGreaterThan(0.95);
  });

  it("goes on past a dead meter, which costs its retries alone", async () => {
    const { run, readout, buses, completed, failed } = bench([{ name: "a", meters: multicals(3) }]);
    const dead = buses[0]?.meters[1];
    if (dead !== undefined) dead.isDead = true;
    const report = await run(readout.readAll());
    expect(completed.map((one) => one.meterId)).toEqual([1, 3]);
    expect(failed).toEqual([{ meterId: 2, reason: "notSelected" }]);
    // Two selections of 78 ms and 1000 ms of silence, and the two good meters at about 1.3 s each.
    expect(report.durationMs).toBeLessThan(2 * 1100 + 2 * 1400);
  });

  it("reads again what was broken on the wire", async () => {
    let answers = 0;
    const disturb = (answer: Uint8Array) => {
      answers += 1;
      return answers % 3 === 2 ? answer.with(Math.min(20, answer.length - 1), 0x55) : answer;
    };
    const { run, readout } = bench([{ name: "a", meters: multicals(3), simulation: { disturb } }]);
    expect(await run(readout.readAll())).toMatchObject({ read: 3, failed: 0 });
  });

  it("bears a level converter that echoes", async () => {
    const { run, readout } = bench([{ name: "a", meters: multicals(2), simulation: { echoes: true } }]);
    expect(await run(readout.readAll())).toMatchObject({ read: 2, failed: 0 });
  });

  it("tells two meters of the same address apart from silence", async () => {
    const [meter] = multicals(1);
    if (meter === undefined) throw new Error("no meter");
    const twins = [meter, { ...meter, name: "twin", seed: 77 }];
    const { run, readout, failed } = bench([{ name: "a", meters: twins }]);
    await run(readout.readAll());
    expect(failed.map((one) => one.reason)).toEqual(["noise", "noise"]);
  });

  it("reads all telegrams of a meter, or the first alone when told so", async () => {
    const meter = { name: "two", identification: "54000834", primaryAddress: 1, seed: 1 };
    const meters = [{ ...meter, telegrams: ["elvacoIndoor", "wepIndoor"] as const }];
    const all = bench([{ name: "a", meters }]);
    await all.run(all.readout.readAll());
    expect(all.completed.map((one) => [one.telegrams.length, one.notes])).toEqual([[2, []]]);
    const first = bench([{ name: "a", meters, settings: { multiTelegram: "off" } }]);
    await first.run(first.readout.readAll());
    await first.run(first.readout.readAll());
    expect(first.completed.map((one) => [one.telegrams.length, one.notes])).toEqual([
      [1, ["moreTelegramsFollow"]],
      [1, ["moreTelegramsFollow"]],
    ]);
    const [one, other] = first.completed.map((readout) => readout.telegrams[0]?.length);
    expect(one).toBe(other);
  });

  it("joins a second call while a cycle runs", async () => {
    const { run, readout, completed } = bench([{ name: "a", meters: multicals(2) }]);
    const [one, other] = await run(Promise.all([readout.readAll(), readout.readAll()]));
    expect(one).toEqual(other);
    expect(completed.length).toBe(2);
  });

  it("lets a quick bus start its next cycle while a slow one is still at the former", async () => {
    const { run, clock, readout, buses, completed } = bench([
      { name: "slow", meters: multicals(20) },
      { name: "quick", meters: multicals(1, 20_000_001) },
    ]);
    for (const meter of buses[0]?.meters ?? []) meter.isDead = true;
    const first = readout.readAll();
    await clock.advance(10_000);
    const second = readout.readAll();
    await clock.advance(5000);
    expect(completed.map((one) => one.meterId)).toEqual([21, 21]);
    await run(Promise.all([first, second]));
  });

  it("can be ended between two meters", async () => {
    const ending = new AbortController();
    const { run, clock, readout } = bench([{ name: "a", meters: multicals(4) }]);
    const cycle = readout.readAll(ending.signal);
    await clock.advance(1500);
    ending.abort();
    expect(await run(cycle)).toMatchObject({ read: 2, failed: 0, skipped: 2 });
  });

  it("tells what happens as it happens", async () => {
    const { run, readout, progress } = bench([{ name: "a", meters: multicals(1) }]);
    await run(readout.readAll());
    expect(progress.map((event) => event.kind)).toEqual([
      "cycleStarted",
      "meterStarted",
      "busOpened",
      "meterFinished",
      "cycleFinished",
    ]);
  });
});

describe("interfaces", () => {
  it("one that cannot be opened costs its own meters alone, and is tried again next time", async () => {
    let tries = 0;
    const open = async () => {
      tries += 1;
      throw new Error("connection refused");
    };
    const bus = bench([
      { name: "broken", meters: multicals(3), open },
      { name: "good", meters: multicals(2, 20_000_001) },
    ]);
    const report = await bus.run(bus.readout.readAll());
    expect(report.buses).toMatchObject([
      { busName: "broken", read: 0, failed: 3 },
      { busName: "good", read: 2, failed: 0 },
    ]);
    expect(new Set(bus.failed.map((one) => one.reason))).toEqual(new Set(["busUnreachable"]));
    expect(tries).toBe(3);
    await bus.clock.advance(60_000);
    // Known to be down: one try a cycle.
    await bus.run(bus.readout.readAll());
    expect(tries).toBe(4);
  });

  it("one that never opens is given up in time", async () => {
    const never = () => new Promise<never>(() => undefined);
    const { run, readout } = bench([{ name: "a", meters: multicals(2), open: never }]);
    const report = await run(readout.readAll());
    expect(report.failed).toBe(2);
    expect(report.durationMs).toBeLessThan(20_000);
  });

  it("one lost under way is opened again, and the interrupted meter is read", async () => {
    const { run, clock, readout, opened, completed } = bench([{ name: "a", meters: multicals(3) }]);
    const cycle = readout.readAll();
    await clock.advance(1700);
    await opened.get("a")?.[0]?.close();
    expect(await run(cycle)).toMatchObject({ read: 3, failed: 0 });
    expect(opened.get("a")?.length).toBe(2);
    expect(completed.map((one) => one.meterId)).toEqual([1, 2, 3]);
  });

  it("one on which nobody answers is opened anew for the next cycle", async () => {
    const { run, readout, opened, buses } = bench([{ name: "a", meters: multicals(2) }]);
    await run(readout.readAll());
    for (const meter of buses[0]?.meters ?? []) meter.isDead = true;
    await run(readout.readAll());
    for (const meter of buses[0]?.meters ?? []) meter.isDead = false;
    expect(await run(readout.readAll())).toMatchObject({ read: 2 });
    expect(opened.get("a")?.length).toBe(2);
  });

  it("sends SND_NKE to all and waits once a cycle when told so", async () => {
    const { run, readout } = bench([{ name: "a", meters: multicals(1), settings: { initIdleMs: 10_000 } }]);
    const report = await run(readout.readAll());
    expect(report.read).toBe(1);
    expect(report.durationMs).toBeGreaterThan(10_000);
    expect(report.durationMs).toBeLessThan(12_500);
  });
});

describe("live readout", () => {
  it("goes ahead of a running cycle, and equal requests share one", async () => {
    const { run, clock, readout, completed } = bench([{ name: "a", meters: multicals(4) }]);
    const cycle = readout.readAll();
    await clock.advance(500);
    const live = Promise.all([readout.readOne(4), readout.readOne(4)]);
    expect(readout.state()).toMatchObject([
      { busName: "a", isOpen: true, holder: "cycle, meter 1", waiting: [{ holder: "live readout, meter 4" }] },
    ]);
    const [one, other] = await run(live);
    expect(one).toBe(other);
    expect(one?.ok).toBe(true);
    await run(cycle);
    expect(completed.map((readout) => readout.meterId)).toEqual([1, 4, 2, 3, 4]);
  });
  it("knows no meter that is not planned", async () => {
    const { readout } = bench([{ name: "a", meters: multicals(1) }]);
    expect(await readout.readOne(99)).toBeUndefined();
  });
});

describe("sink", () => {
  it("may refuse a result without losing the cycle", async () => {
    const logger = keepingLogger();
    const sink = {
      completed: ({ meterId }: { meterId: number }) => {
        if (meterId === 1) throw new Error("disk full");
        return meterId === 2 ? Promise.reject(new Error("disk full")) : Promise.resolve(undefined);
      },
      failed: () => undefined,
    };
    const { run, readout } = bench([{ name: "a", meters: multicals(3) }], { sink, logger });
    expect(await run(readout.readAll())).toMatchObject({ read: 1, failed: 2, sinkErrors: 2 });
    expect(logger.lines.filter((line) => line.level === "error").length).toBe(2);
  });
  it("that does not keep a readout makes it a failed one, whenever it says so", async () => {
    const sink = {
      completed: ({ meterId }: { meterId: number }) => {
        const answer = { ok: meterId === 3 };
        return meterId === 1 ? answer : Promise.resolve(answer);
      },
      failed: () => undefined,
    };
    const { run, readout } = bench([{ name: "a", meters: multicals(3) }], { sink });
    expect(await run(readout.readAll())).toMatchObject({
      read: 1,
      failed: 2,
      sinkErrors: 0,
      buses: [{ busName: "a", read: 1, failed: 2 }],
    });
  });
});

describe("stop", () => {
  it("ends within a second in the middle of a frame, reports no failure, and closes the channel", async () => {
    const { run, clock, readout, buses, failed, opened } = bench([{ name: "a", meters: multicals(4) }]);
    const cycle = readout.readAll();
    const live = readout.readOne(3);
    await clock.advance(600);
    const before = clock.monotonic();
    await run(readout.stop(), 1000);
    const report = await run(cycle, 1000);
    expect(clock.monotonic() - before).toBeLessThan(1000);
    expect(report).toMatchObject({ read: 0, failed: 0, skipped: 4 });
    expect(await live).toMatchObject({ ok: false, reason: "stopped" });
    expect(failed).toEqual([]);
    await expect(opened.get("a")?.[0]?.write(Uint8Array.of(1))).rejects.toThrow();
    await buses[0]?.stop();
    expect(clock.waiting).toBe(0);
  });
  it("ends while an interface is being opened", async () => {
    const never = () => new Promise<never>(() => undefined);
    const { run, clock, readout } = bench([{ name: "a", meters: multicals(1), open: never }]);
    const cycle = readout.readAll();
    await clock.advance(100);
    await run(readout.stop(), 1000);
    expect(await run(cycle, 1000)).toMatchObject({ skipped: 1 });
    expect(clock.waiting).toBe(0);
  });
  it("is harmless before anything ran", async () => {
    const { clock } = bench([]);
    const idle = createReadout({
      buses: [],
      plan: { metersOf: () => [], find: () => undefined },
      sink: { completed: () => undefined, failed: () => undefined },
      clock,
      logger: keepingLogger(),
    });
    await idle.stop();
    expect(await idle.readAll()).toMatchObject({ read: 0 });
  });
});
