import { describe, expect, it } from "vitest";
import { fromHex } from "../../cosem/codec/bytes.js";
import { createPlan } from "../../src/host/buses.js";
import { LinkSlave, parseSecondaryAddress, setBaudRate } from "../../src/mbus/index.js";
import type { ByteChannel, MeterRow } from "../../src/ports/index.js";
import { createReadout } from "../../src/readout/index.js";
import { createSimulatedBus, createSimulatedMeter, type SimulatedMeter } from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { manualClock } from "../support/manual-clock.js";
import { plainMeter } from "../support/plain-meter.js";
import { plannedMeters } from "../support/planned-meters.js";
import { keepingLogger } from "../support/silent-logger.js";
import { virtualBus } from "../support/virtual-bus.js";
import { multicals, quickSettings } from "./bench.js";

const busRate = 2400;

/** Three Multicals on a bus at 2400; the second one has gone over to another rate. */
function busWithOneAt(meterRate: number, parts: { plannedRate: number; canChange: boolean }) {
  const clock = manualClock(1_773_500_940_000);
  const meters = multicals(3).map((spec) => createSimulatedMeter(spec, clock));
  const second = meters[1];
  if (second === undefined) throw new Error("no second meter");
  // SND_UD with the CI field of the rate: the meter answers E5 and goes over.
  if (meterRate !== busRate)
    second.receive({ kind: "long", control: 0x53, address: 2, applicationData: setBaudRate(meterRate) });
  expect(second.baudRate ?? busRate).toBe(meterRate);
  const bus = createSimulatedBus({ name: "a", meters, clock, baudRate: busRate });
  const rates: number[] = [];
  const open = async (): Promise<ByteChannel> => {
    const [ours, theirs] = channelPair();
    bus.attach(theirs);
    if (!parts.canChange) return ours;
    return Object.assign(ours, {
      setBaudRate: async (rate: number) => {
        rates.push(rate);
        bus.setBaudRate(rate);
      },
    });
  };
  const row = (id: number, secondaryAddress: string): MeterRow => ({
    id,
    sap: 15 + id,
    logicalDeviceName: undefined,
    kind: undefined,
    interfaceName: "a",
    secondaryAddress,
    primaryAddress: undefined,
    position: "",
    baudRate: id === 2 ? parts.plannedRate : undefined,
  });
  const rows = meters.map(({ spec }, index) => row(index + 1, spec.identification));
  const logger = keepingLogger();
  const readout = createReadout({
    buses: [{ name: "a", open, settings: quickSettings }],
    plan: createPlan(plannedMeters(rows)),
    sink: { completed: () => undefined, failed: () => undefined },
    clock,
    logger,
  });
  const run = async <Result>(promise: Promise<Result>): Promise<Result> => {
    let isDone = false;
    const settled = promise.finally(() => {
      isDone = true;
    });
    while (!isDone) await clock.advance(20);
    return settled;
  };
  return { readout, run, rates, logger };
}

describe("a meter at a rate of its own", () => {
  it("is read at it, the others at the bus's", async () => {
    const { readout, run, rates } = busWithOneAt(300, { plannedRate: 300, canChange: true });
    expect(await run(readout.readAll())).toMatchObject({ read: 3, failed: 0 });
    expect(rates).toEqual([300, 2400]);
  });

  it("is asked at the bus's where it is not heard, and that is said", async () => {
    const { readout, run, rates, logger } = busWithOneAt(2400, { plannedRate: 9600, canChange: true });
    expect(await run(readout.readAll())).toMatchObject({ read: 3, failed: 0 });
    expect(rates).toEqual([9600, 2400]);
    expect(logger.lines.filter(({ message }) => message.includes("own rate"))).toHaveLength(1);
  });

  it("is asked at the bus's on an interface that keeps to one rate", async () => {
    const { readout, run } = busWithOneAt(2400, { plannedRate: 9600, canChange: false });
    expect(await run(readout.readOne(2))).toMatchObject({ ok: true });
  });

  it("that is heard at neither is told so once", async () => {
    const { readout, run, rates } = busWithOneAt(300, { plannedRate: 9600, canChange: true });
    expect(await run(readout.readAll())).toMatchObject({ read: 2, failed: 1 });
    expect(rates).toEqual([9600, 2400]);
  });
});

describe("two meters of one secondary address", () => {
  it("that ignore the enhanced selection, or name no number, are told and never stored alike", async () => {
    const address = "1234567824400107";
    const mask = parseSecondaryAddress(address);
    const targets = ["00000011", "00000021"].map((number, index) => ({
      meterId: index + 1,
      busName: "a",
      target: { kind: "secondary", mask, fabricationNumber: fromHex(number).reverse() } as const,
    }));
    const plan = { metersOf: () => targets, find: (id: number) => targets[id - 1] };
    // DIF 04, VIF 13: a volume, 1 l; and the number that neither has.
    for (const [records, reason] of [
      ["0c7899999999", "otherFabricationNumber"],
      ["041301000000", "noFabricationNumber"],
    ] as const) {
      const deaf = deafMeter(address, fromHex(records));
      const bus = virtualBus([deaf], {}, {}, plan);
      const outcomes = [await bus.run(bus.readout.readOne(1)), await bus.run(bus.readout.readOne(2))];
      expect(outcomes).toMatchObject([
        { ok: false, reason },
        { ok: false, reason },
      ]);
    }
  });
  it("are read each by its fabrication number", async () => {
    const address = "1234567824400107";
    const numbers = ["00000011", "00000021"];
    const row = (id: number): MeterRow => ({
      id,
      sap: 15 + id,
      logicalDeviceName: undefined,
      kind: undefined,
      interfaceName: "a",
      secondaryAddress: address,
      primaryAddress: undefined,
      fabricationNumber: numbers[id - 1],
      position: "",
    });
    const plan = createPlan(plannedMeters([row(1), row(2)]));
    const twins = virtualBus(
      numbers.map((fabricationNumber) => plainMeter({ address, fabricationNumber })),
      {},
      {},
      plan,
    );
    const answers = [await twins.run(twins.readout.readOne(1)), await twins.run(twins.readout.readOne(2))];
    // Behind CI and the long header of 12 bytes: DIF 0C, VIF 78, the number, least significant byte first.
    const read = answers.map((outcome) => (outcome?.ok ? outcome.readout.telegrams[0]?.slice(13, 19) : undefined));
    expect(read).toEqual([Uint8Array.of(0x0c, 0x78, 0x11, 0, 0, 0), Uint8Array.of(0x0c, 0x78, 0x21, 0, 0, 0)]);
  });
});

/** Takes every selection of its address for its own, whatever number stands behind it. */
function deafMeter(address: string, records: Uint8Array): SimulatedMeter {
  const plain = plainMeter({ address });
  const secondaryAddress = parseSecondaryAddress(address);
  const telegram = Uint8Array.of(0x72, ...secondaryAddress, 1, 0, 0, 0, ...records);
  const slave = new LinkSlave({ primaryAddress: 0, secondaryAddress, readout: () => [telegram] });
  return {
    ...plain,
    receive(frame) {
      const isSelect = frame.kind === "long" && frame.applicationData[0] === 0x52;
      return slave.receive(isSelect ? { ...frame, applicationData: frame.applicationData.slice(0, 9) } : frame);
    },
  };
}
