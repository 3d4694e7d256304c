import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import { decodeApplication, decodeLinkFrame } from "../../src/mbus/index.js";
import {
  checkFaultNames,
  createSimulatedBus,
  createSimulatedMeter,
  Faults,
  generatedMeters,
  readFaultScript,
  type SimulatedMeterSpec,
} from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { manualClock } from "../support/manual-clock.js";

const heat: SimulatedMeterSpec = {
  name: "heat",
  telegrams: ["hydrometerHeat"],
  identification: "12345679",
  primaryAddress: 1,
  seed: 1,
};

function line(entries: readonly object[], { baudRate, seed = 1 }: { baudRate?: number; seed?: number } = {}) {
  const clock = manualClock(1_773_500_940_000);
  const faults = new Faults({ script: readFaultScript({ faults: entries }), clock, seed });
  const meters = [heat, { ...heat, name: "other", primaryAddress: 2, identification: "12345680" }].map((spec) =>
    createSimulatedMeter(spec, clock),
  );
  const bus = createSimulatedBus({ name: "a", meters, clock, faults, ...(baudRate === undefined ? {} : { baudRate }) });
  const [ours, theirs] = channelPair();
  let heard = "";
  bus.attach(theirs);
  ours.listen({
    received(bytes) {
      heard += toHex(bytes);
    },
    closed: () => undefined,
  });
  const send = async (hex: string, waitMs = 0) => {
    heard = "";
    await ours.write(fromHex(hex));
    await clock.advance(waitMs);
    return heard;
  };
  return { clock, send };
}
// 40+1 = 41h, 7b+1 = 7ch, 5b+1 = 5ch, 40+2 = 42h
const [nke, request, otherRequest, nkeOther] = ["1040014116", "107b017c16", "105b015c16", "1040024216"];

describe("faults", () => {
  it("keep a meter silent for a time, and that one alone", async () => {
    const { clock, send } = line([{ fault: "silent", meter: "heat", fromSeconds: 10, untilSeconds: 20 }]);
    expect(await send(nke)).toBe("e5");
    await clock.advance(10_000);
    expect([await send(nke), await send(nkeOther)]).toEqual(["", "e5"]);
    await clock.advance(10_000);
    expect(await send(nke)).toBe("e5");
  });
  it("strike each so-many-th time, and at most so often", async () => {
    const { send } = line([{ fault: "silent", every: 2, count: 2 }]);
    const answers = [];
    for (let round = 0; round < 6; round++) answers.push(await send(nke));
    expect(answers).toEqual(["e5", "", "e5", "", "e5", "e5"]);
  });
  it("break the checksum and nothing else", async () => {
    const broken = await line([{ fault: "wrongChecksum" }]).send(request);
    const sound = await line([]).send(request);
    expect(broken.slice(0, -4)).toBe(sound.slice(0, -4));
    expect(() => decodeLinkFrame(fromHex(broken))).toThrow("badChecksum");
  });
  it("delay an answer beyond the window", async () => {
    const { send } = line([{ fault: "slow", delayMs: 2000 }], { baudRate: 2400 });
    expect(await send(nke, 1900)).toBe("");
    const slow = line([{ fault: "slow", delayMs: 2000 }], { baudRate: 2400 });
    expect(await slow.send(nke, 2100)).toBe("e5");
    // And without a pace, where answers come at once.
    const unpaced = line([{ fault: "slow", delayMs: 2000, count: 1 }]);
    expect(await unpaced.send(nke, 1900)).toBe("");
    expect(await unpaced.send("", 300)).toBe("e5");
    expect(await unpaced.send(nke)).toBe("e5");
  });
  it("answer with an application error", async () => {
    // 08+01+70+08 = 81h
    expect(await line([{ fault: "applicationError", code: 8 }]).send(request)).toBe("68040468080170088116");
  });
  it("let the frame count stick: the same telegram again", async () => {
    const { send } = line([{ fault: "frameCountStuck", meter: "heat" }]);
    const first = await send(request);
    expect(await send(otherRequest)).toBe(first);
    const free = line([]);
    const other = await free.send(request);
    expect(await free.send(otherRequest)).not.toBe(other);
  });
  it("change units, the numbers staying", async () => {
    const records = async (entries: readonly object[]) => {
      const frame = decodeLinkFrame(fromHex(await line(entries).send(request)));
      return frame.kind === "long" ? decodeApplication(frame.applicationData).records : [];
    };
    const [before, after] = [await records([]), await records([{ fault: "unitChange" }])];
    // 06 (kWh) becomes 0E (MJ), 13 (l) becomes 1B (kg).
    expect(before.slice(0, 2).map((record) => [record.information.quantity, record.information.unit])).toEqual([
      ["Energy", "Wh"],
      ["Volume", "m3"],
    ]);
    expect(after.slice(0, 2).map((record) => record.information.unit)).toEqual(["J", "kg"]);
    expect(after.map((record) => record.value)).toEqual(before.map((record) => record.value));
  });
  it("echo, lay another answer over, kill the bus", async () => {
    expect(await line([{ fault: "echo" }]).send(nke)).toBe(`${nke}e5`);
    const collided = await line([{ fault: "collision" }]).send(request);
    expect(() => decodeLinkFrame(fromHex(collided))).toThrow();
    expect(await line([{ fault: "deadBus" }]).send(nke)).toBe("");
  });
  it("make noise from the seed: the same again with the same, other with another", async () => {
    const noisy = (seed: number) => line([{ fault: "noise", rate: 0.2 }], { seed }).send(request);
    const [one, again, other] = [await noisy(1), await noisy(1), await noisy(5)];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });
});

describe("fault script", () => {
  it("is refused with the place and what is wanted", () => {
    const refused = (script: unknown) => {
      try {
        readFaultScript(script);
        return "taken";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refused([])).toBe("wants one key, faults, with a list");
    expect(refused({ faults: [1] })).toBe("faults[0]: wants a group of keys");
    expect(refused({ faults: [{ fault: "fire" }] })).toContain("faults[0].fault: wants one of silent, slow");
    expect(refused({ faults: [{ fault: "slow", delay: 1 }] })).toContain("faults[0].delay: there is no such key");
    expect(refused({ faults: [{ fault: "slow", delayMs: -1 }] })).toBe(
      "faults[0].delayMs: wants a number from 0 to 60000",
    );
    expect(refused({ faults: [{ fault: "silent", every: 1.5 }] })).toContain("wants a whole number");
    expect(refused({ faults: [{ fault: "silent", bus: 3 }] })).toBe("faults[0].bus: wants a name");
  });
});

describe("generated meters", () => {
  it("are as many as wanted, all different, the same for one seed", () => {
    const meters = generatedMeters(300, 7);
    expect(new Set(meters.map((meter) => meter.identification)).size).toBe(300);
    expect(new Set(meters.map((meter) => meter.telegrams[0])).size).toBe(23);
    expect(meters.filter((meter) => meter.telegrams.length === 2).length).toBe(30);
    expect([meters[249]?.primaryAddress, meters[250]?.primaryAddress]).toEqual([250, 0]);
    expect(generatedMeters(300, 7)).toEqual(meters);
    expect(generatedMeters(300, 8)).not.toEqual(meters);
    const clock = manualClock(1_773_500_940_000);
    for (const spec of meters.slice(0, 40)) createSimulatedMeter(spec, clock);
  });
});

describe("names in a fault script", () => {
  const buses = [{ name: "bus-1", meters: [{ name: "multical601-06855817" }] }];
  const check = (fault: object) => () =>
    checkFaultNames(readFaultScript({ faults: [{ fault: "silent", ...fault }] }), buses);
  it("must be those of buses and meters that are there", () => {
    expect(check({ bus: "bus-1", meter: "multical601-06855817" })).not.toThrow();
    expect(check({ meter: "XX" })).toThrow('faults[0].meter: there is no meter "XX" on these buses');
    expect(check({ bus: "bus-9" })).toThrow('faults[0].bus: there is no bus "bus-9"; known: bus-1');
  });
});
