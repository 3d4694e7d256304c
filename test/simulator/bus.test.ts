import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import { decodeApplication } from "../../src/mbus/index.js";
import {
  createSimulatedBus,
  createSimulatedMeter,
  type SimulatedBusParts,
  type SimulatedMeterSpec,
} from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { manualClock } from "../support/manual-clock.js";

const water: SimulatedMeterSpec = {
  name: "water",
  telegrams: ["gwfMtk"],
  identification: "00182007",
  primaryAddress: 1,
  seed: 1,
};

function line(parts: Partial<SimulatedBusParts> = {}, specs: readonly SimulatedMeterSpec[] = [water]) {
  const clock = manualClock(1_773_500_940_000);
  const meters = specs.map((spec) => createSimulatedMeter(spec, clock));
  const bus = createSimulatedBus({ name: "a", meters, clock, ...parts });
  const [ours, theirs] = channelPair();
  const arrived: { atMs: number; hex: string }[] = [];
  bus.attach(theirs);
  ours.listen({
    received: (bytes) => void arrived.push({ atMs: clock.monotonic(), hex: toHex(bytes) }),
    closed: () => void arrived.push({ atMs: clock.monotonic(), hex: "closed" }),
  });
  const send = async (hex: string, waitMs = 0) => {
    await ours.write(fromHex(hex));
    await clock.advance(waitMs);
    return arrived
      .splice(0)
      .map((piece) => piece.hex)
      .join("");
  };
  return { clock, bus, ours, arrived, send };
}

describe("simulated bus", () => {
  it("answers SND_NKE and REQ_UD2 as the source telegram's meter does", async () => {
    const { send } = line();
    expect(await send("1040014116")).toBe("e5");
    const answer = await send("107b017c16");
    // libmbus test-frames/GWF-MTKcoder.hex up to the access number, which counts on from 4C.
    expect(answer.slice(0, 32)).toBe("681b1b680801720720180" + "0e61e350" + "74d");
  });

  it("paces the answer like its baud rate, after the request's own time", async () => {
    const { clock, ours, arrived } = line({ baudRate: 2400 });
    await ours.write(fromHex("107b017c16"));
    await clock.advance(2000);
    // 5 bytes, 11 bit times + 10 ms, then 33 bytes: (55 + 11 + 363) bits at 2400 baud + 10 ms = 188.75 ms.
    expect(arrived.at(-1)?.atMs).toBeCloseTo(188.75, 5);
    expect(arrived.length).toBeGreaterThan(2);
    expect(arrived.map((piece) => piece.hex).join("").length).toBe(33 * 2);
  });

  it("hears nothing of a meter's next request while that meter answers", async () => {
    const { ours, clock, send } = line({ baudRate: 2400 });
    await ours.write(fromHex("107b017c16"));
    await clock.advance(100);
    const answer = await send("107b017c16", 2000);
    // 33 bytes once; the second request came in the middle of them.
    expect(answer.length).toBe(33 * 2);
  });

  it("lays answers given at once over one another", async () => {
    const other = { ...water, name: "other", identification: "00182006", primaryAddress: 2 };
    const { send } = line({}, [water, other]);
    // Both acknowledge alike: one E5. Both send: identification 07 & 06 = 06, and a checksum that is wrong.
    expect(await send("1040fe3e16")).toBe("e5");
    const both = await send("107bfe7916");
    expect(both.slice(14, 22)).toBe("06201800");
  });

  it("echoes when told so, and breaks or swallows answers where a test asks", async () => {
    expect(await line({ echoes: true }).send("1040014116")).toBe("1040014116e5");
    expect(await line({ disturb: () => undefined }).send("1040014116")).toBe("");
    expect(await line({ disturb: (answer) => answer.map((byte) => byte ^ 1) }).send("1040014116")).toBe("e4");
  });

  it("serves several masters one after the other", async () => {
    const { bus, send } = line();
    const [second, theirs] = channelPair();
    bus.attach(theirs);
    const heard: string[] = [];
    second.listen({ received: (bytes) => void heard.push(toHex(bytes)), closed: () => undefined });
    await second.write(fromHex("1040014116"));
    expect(await send("1040014116", 10)).toBe("e5");
    expect(heard).toEqual(["e5"]);
  });

  it("cuts answers off and closes its channels when stopped", async () => {
    const { clock, bus, ours, arrived } = line({ baudRate: 300 });
    await ours.write(fromHex("107b017c16"));
    await clock.advance(400);
    await bus.stop();
    await clock.advance(5000);
    expect(arrived.at(-1)?.hex).toBe("closed");
    expect(arrived.length).toBeLessThan(20);
    expect(clock.waiting).toBe(0);
  });

  it("tells its ledger each new telegram once, before it goes out", async () => {
    const ledger: string[] = [];
    const { send } = line({ onAnswer: (notice) => void ledger.push(toHex(notice.telegram)) });
    const answer = await send("107b017c16");
    await send("107b017c16");
    expect(ledger).toEqual([answer.slice(12, -4)]);
    await send("105b015c16");
    expect(ledger.length).toBe(2);
  });

  it("counts the access number and moves on with each new readout", async () => {
    const { clock, send } = line();
    const first = decodeApplication(fromHex((await send("107b017c16")).slice(12, -4)));
    await clock.advance(3_600_000 * 24 * 30);
    const second = decodeApplication(fromHex((await send("105b015c16")).slice(12, -4)));
    expect([first.meter.accessNumber, second.meter.accessNumber]).toEqual([0x4d, 0x4e]);
    const volumes = [first, second].map((telegram) => {
      const value = telegram.records[1]?.value;
      return value?.kind === "integer" ? Number(value.value) : 0;
    });
    expect((volumes[1] ?? 0) - (volumes[0] ?? 0)).toBeGreaterThan(5);
  });

  it("answers with the application error it is given, and not at all when dead", async () => {
    const { bus, send } = line();
    const [meter] = bus.meters;
    if (meter === undefined) throw new Error("no meter");
    meter.applicationErrorCode = 8;
    // 08+01+70+08 = 81h
    expect(await send("107b017c16")).toBe("68040468080170088116");
    meter.isDead = true;
    expect(await send("105b015c16")).toBe("");
  });
});
