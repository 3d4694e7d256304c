import { defaultMasterSettings, formatSecondaryAddress } from "../mbus/index.js";
import type { Clock } from "../ports/index.js";
import type { ReadoutBus } from "../readout/index.js";
import {
  type AnswerNotice,
  createSimulatedBus,
  createSimulatedMeter,
  demoBuses,
  type SimulatedBus,
} from "../simulator/index.js";
import { loopbackPair } from "../transport/index.js";

export interface SimulationParts {
  readonly clock: Clock;
  /** Pace of the wires; undefined: as fast as TCP goes. */
  readonly baudRate: number | undefined;
  readonly onAnswer?: (notice: AnswerNotice) => void;
}

/** The demo's buses with their meters. */
export function createSimulation({ clock, baudRate, onAnswer }: SimulationParts): readonly SimulatedBus[] {
  return demoBuses().map(({ name, meters }) =>
    createSimulatedBus({
      name,
      meters: meters.map((spec) => createSimulatedMeter(spec, clock)),
      clock,
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
