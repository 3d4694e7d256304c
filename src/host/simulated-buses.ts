import { defaultMasterSettings, formatSecondaryAddress } from "../mbus/index.js";
import type { Clock } from "../ports/index.js";
import type { ReadoutBus } from "../readout/index.js";
import {
  type AnswerNotice,
  createSimulatedBus,
  createSimulatedMeter,
  type DemoBus,
  demoBuses,
  type Fault,
  Faults,
  generatedMeters,
  type SimulatedBus,
} from "../simulator/index.js";
import { loopbackPair } from "../transport/index.js";

export interface SimulationParts {
  readonly clock: Clock;
  /** Pace of the wires; undefined: as fast as TCP goes. */
  readonly baudRate: number | undefined;
  readonly onAnswer?: (notice: AnswerNotice) => void;
  /** Default: the demo's. */
  readonly plan?: readonly DemoBus[];
  readonly script?: readonly Fault[];
  /** Of the faults' chance; default 1. */
  readonly seed?: number;
}

/** Buses of so many meters each, drawn from the seed: bus-1, bus-2 … */
export function generatedBuses(busCount: number, meterCount: number, seed: number): readonly DemoBus[] {
  return Array.from({ length: busCount }, (_, index) => ({
    name: `bus-${index + 1}`,
    meters: generatedMeters(meterCount, seed + index),
  }));
}

/** The demo's buses, or others, with their meters. */
export function createSimulation(parts: SimulationParts): readonly SimulatedBus[] {
  const { clock, baudRate, onAnswer, script = [], seed = 1, plan = demoBuses() } = parts;
  const faults = new Faults({ script, clock, seed });
  return plan.map(({ name, meters }) =>
    createSimulatedBus({
      name,
      meters: meters.map((spec) => createSimulatedMeter(spec, clock)),
      clock,
      ...(script.length === 0 ? {} : { faults }),
      ...(baudRate === undefined ? {} : { baudRate }),
      ...(onAnswer === undefined ? {} : { onAnswer }),
    }),
  );
}

/** Simulated buses as interfaces: each opening is a TCP connection of its own over loopback. */
export function loopbackBuses(
  simulation: readonly SimulatedBus[],
  baudRate: number | undefined,
): readonly ReadoutBus[] {
  return simulation.map((bus) => ({
    name: bus.name,
    settings: { ...defaultMasterSettings, ...fastIdle, baudRate: baudRate ?? fastestBaudRate },
    async open() {
      const [near, far] = await loopbackPair();
      bus.attach(far);
      return near;
    },
  }));
}

const fastestBaudRate = 38_400;
/** Virtual meters need no rest: the line is idle for the 33 bit times of EN 13757-2 and no longer. */
const fastIdle = { initIdleMs: 0, requestIdleMs: 0, collisionIdleMs: 0, multiTelegram: "auto" } as const;

/** The meters of a simulation as settings name them. */
export function meterSettingsOf(simulation: readonly SimulatedBus[]) {
  return simulation.flatMap((bus) =>
    bus.meters.map((meter) => ({
      interface: bus.name,
      secondaryAddress: formatSecondaryAddress(meter.secondaryAddress),
      position: positionOf(bus.name, meter.primaryAddress),
    })),
  );
}

/** e.g. `Building A, place 3`. */
function positionOf(busName: string, place: number): string {
  const [word = "", letter = ""] = busName.split("-");
  return `${word.charAt(0).toUpperCase()}${word.slice(1)} ${letter.toUpperCase()}, place ${place}`;
}
