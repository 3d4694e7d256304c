/** One bus in virtual time: 2400 baud as on the wire, and minutes that pass at once. */
import { defaultMasterSettings, type MasterSettings } from "../../src/mbus/index.js";
import type { ByteChannel } from "../../src/ports/index.js";
import { createReadout, type Readout, type ReadoutPlan } from "../../src/readout/index.js";
import { createSimulatedBus, type SimulatedBusParts, type SimulatedMeter } from "../../src/simulator/index.js";
import { channelPair } from "./channel-pair.js";
import { type ManualClock, manualClock } from "./manual-clock.js";
import { keepingLogger } from "./silent-logger.js";

export interface VirtualBus {
  readonly clock: ManualClock;
  readonly readout: Readout;
  /** Bytes that went either way on the wire. */
  readonly traffic: { sent: number; received: number; requests: number };
  /** Runs until `promise` settles, the clock moving as fast as it can. */
  run<Result>(promise: Promise<Result>): Promise<Result>;
}

export const virtualBaudRate = 2400;
/** Half way between the least and the most that EN 13757-2 allows at 2400 baud: 4.58 to 187.5 ms. */
export const middleDelayMs = 96;

/** Fast idle: 33 bit times and no more. */
const settings: MasterSettings = {
  ...defaultMasterSettings,
  baudRate: virtualBaudRate,
  requestIdleMs: 0,
  initIdleMs: 0,
  collisionIdleMs: 0,
  pauseInFrameMs: 100,
  responseTimeout: "learned",
  line: "direct",
};

export function virtualBus(
  meters: readonly SimulatedMeter[],
  simulation: Partial<SimulatedBusParts> = {},
  overrides: Partial<MasterSettings> = {},
  plan?: ReadoutPlan,
): VirtualBus {
  const clock = manualClock(1_773_500_940_000);
  const traffic = { sent: 0, received: 0, requests: 0 };
  const parts = { name: "a", meters, clock, baudRate: virtualBaudRate, slaveDelayMs: middleDelayMs, ...simulation };
  const bus = createSimulatedBus(parts);
  const open = async () => {
    const [ours, theirs] = channelPair();
    bus.attach(theirs);
    return counted(ours, traffic);
  };
  const planned = meters.map((meter, index) => ({
    meterId: index + 1,
    busName: "a",
    target: { kind: "secondary", mask: meter.secondaryAddress } as const,
  }));
  const readout = createReadout({
    buses: [{ name: "a", open, settings: { ...settings, ...overrides } }],
    plan: plan ?? { metersOf: () => planned, find: (meterId) => planned.find((meter) => meter.meterId === meterId) },
    sink: { completed: () => undefined, failed: () => undefined },
    clock,
    logger: keepingLogger(),
  });
  return {
    clock,
    readout,
    traffic,
    async run(promise) {
      let isDone = false;
      const settled = promise.finally(() => {
        isDone = true;
      });
      settled.catch(() => undefined);
      for (let passed = 0; passed < 7200_000 && !isDone; passed += 1000) await clock.advance(1000);
      if (!isDone) throw new Error("not done after two hours");
      return settled;
    },
  };
}

function counted(channel: ByteChannel, traffic: VirtualBus["traffic"]): ByteChannel {
  return {
    listen: (listener) =>
      channel.listen({
        closed: (cause) => listener.closed(cause),
        received(bytes) {
          traffic.received += bytes.length;
          listener.received(bytes);
        },
      }),
    write(bytes) {
      traffic.sent += bytes.length;
      traffic.requests += 1;
      return channel.write(bytes);
    },
    close: () => channel.close(),
  };
}

/** The share of the elapsed time that bytes and the slaves' own delay took, when every request is answered. */
export function utilisation({ traffic }: VirtualBus, elapsedMs: number): number {
  const onWireMs = ((traffic.sent + traffic.received) * 11 * 1000) / virtualBaudRate;
  return (onWireMs + traffic.requests * middleDelayMs) / elapsedMs;
}
