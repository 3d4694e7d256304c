/** A readout over simulated buses in memory, for the tests of this folder. */
import { defaultMasterSettings, type MasterSettings } from "../../src/mbus/index.js";
import type { ByteChannel } from "../../src/ports/index.js";
import {
  type CompletedReadout,
  createReadout,
  type PlannedMeter,
  type Readout,
  type ReadoutBus,
  type ReadoutParts,
  type ReadoutProgress,
} from "../../src/readout/index.js";
import {
  createSimulatedBus,
  createSimulatedMeter,
  type SimulatedBus,
  type SimulatedBusParts,
  type SimulatedMeterSpec,
} from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { type ManualClock, manualClock } from "../support/manual-clock.js";
import { type KeepingLogger, keepingLogger } from "../support/silent-logger.js";

/** 2026-03-14T15:09:00Z */
export const startMs = 1_773_500_940_000;

export const quickSettings: MasterSettings = {
  ...defaultMasterSettings,
  responseTimeoutMs: 1000,
  requestIdleMs: 0,
  initIdleMs: 0,
  readoutRetries: 1,
  selectionRetries: 1,
  multiTelegram: "auto",
};

export interface BenchBus {
  readonly name: string;
  readonly meters: readonly SimulatedMeterSpec[];
  readonly settings?: Partial<MasterSettings>;
  readonly simulation?: Partial<SimulatedBusParts>;
  /** Instead of the simulated bus. */
  readonly open?: () => Promise<ByteChannel>;
}

export interface Bench {
  readonly clock: ManualClock;
  readonly readout: Readout;
  readonly buses: readonly SimulatedBus[];
  readonly completed: CompletedReadout[];
  readonly failed: { readonly meterId: number; readonly reason: string }[];
  readonly progress: ReadoutProgress[];
  readonly logger: KeepingLogger;
  /** The gateway's ends of all channels opened so far, by bus. */
  readonly opened: Map<string, ByteChannel[]>;
  /** Runs until `promise` settles, the clock moving as fast as it can. */
  run<Result>(promise: Promise<Result>, mostMs?: number): Promise<Result>;
}

/** Meter ids are 1, 2, 3 … over all buses in order. */
export function bench(setup: readonly BenchBus[], parts: Partial<ReadoutParts> = {}): Bench {
  const clock = manualClock(startMs);
  const logger = keepingLogger();
  const opened = new Map<string, ByteChannel[]>();
  const planned: PlannedMeter[] = [];
  const buses: SimulatedBus[] = [];
  const interfaces: ReadoutBus[] = [];
  for (const { name, meters, settings, simulation, open } of setup) {
    const simulated = meters.map((spec) => createSimulatedMeter(spec, clock));
    const bus = createSimulatedBus({ name, meters: simulated, clock, baudRate: 2400, ...simulation });
    buses.push(bus);
    for (const meter of simulated) {
      const target = { kind: "secondary", mask: meter.secondaryAddress } as const;
      planned.push({ meterId: planned.length + 1, busName: name, target });
    }
    const openSimulated = async () => {
      const [ours, theirs] = channelPair();
      bus.attach(theirs);
      opened.set(name, [...(opened.get(name) ?? []), ours]);
      return ours;
    };
    interfaces.push({ name, open: open ?? openSimulated, settings: { ...quickSettings, ...settings } });
  }
  const completed: CompletedReadout[] = [];
  const failed: { meterId: number; reason: string }[] = [];
  const progress: ReadoutProgress[] = [];
  const readout = createReadout({
    buses: interfaces,
    plan: {
      metersOf: (busName) => planned.filter((meter) => meter.busName === busName),
      find: (meterId) => planned.find((meter) => meter.meterId === meterId),
    },
    sink: {
      completed: (one) => void completed.push(one),
      failed: (meterId, reason) => void failed.push({ meterId, reason }),
    },
    clock,
    logger,
    onProgress: (event) => progress.push(event),
    ...parts,
  });
  const run = async <Result>(promise: Promise<Result>, mostMs = 600_000): Promise<Result> => {
    let isDone = false;
    const settled = promise.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    for (let passed = 0; passed < mostMs && !isDone; passed += 20) await clock.advance(20);
    if (!isDone) throw new Error(`not done after ${mostMs} ms`);
    return settled;
  };
  return { clock, readout, buses, completed, failed, progress, logger, opened, run };
}

/** So many Multicals with identifications 10000001, 10000002 … */
export function multicals(count: number, first = 10_000_001): readonly SimulatedMeterSpec[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `meter-${first + index}`,
    telegrams: ["multical601"],
    identification: String(first + index),
    primaryAddress: index + 1,
    seed: index,
  }));
}
