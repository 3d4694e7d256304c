/** Many meters in one registry: the demo's real telegrams through mapping, each with an identification of its own. */
import {
  createAssociationObject,
  createClock,
  createRegistry,
  type LogicalDevice,
  type Registry,
} from "../../../cosem/index.js";
import type { MappingStore } from "../../../src/mapping/index.js";
import { createMapping, loadMaps, type Mapping } from "../../../src/mapping/index.js";
import type { Logger } from "../../../src/ports/index.js";
import { createSimulatedMeter, demoBuses } from "../../../src/simulator/index.js";
import { systemClock } from "../../../src/transport/index.js";

export const quietLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export interface BenchGateway {
  readonly registry: Registry;
  readonly mapping: Mapping;
}

/** Registry and mapping as the gateway puts them together, without meters. */
export function createBenchGateway(store: MappingStore): BenchGateway {
  const registry = createRegistry({
    onListenerError(error) {
      throw error;
    },
  });
  const clock = createClock({
    now: () => systemClock.now(),
    localTimeAt: () => ({ deviation: 0, isDaylightSaving: false }),
  });
  const mapping = createMapping({
    maps: loadMaps().maps,
    store,
    registry,
    clock: systemClock,
    logger: quietLogger,
    commonObjects: [clock, createAssociationObject()],
  });
  return { registry, mapping };
}

/** One telegram of each of the demo's 40 meters, in their order. */
export function demoTelegrams(): readonly Uint8Array[] {
  return demoBuses().flatMap((bus) =>
    bus.meters.map((spec) => {
      const [telegram] = createSimulatedMeter(spec, systemClock).telegramsNow();
      if (telegram === undefined) throw new Error(`${spec.name} sends nothing`);
      return telegram;
    }),
  );
}

/** The telegram as another meter of that make would send it. @param number  identification, at most eight digits */
export function withIdentification(telegram: Uint8Array, number: number): Uint8Array {
  const own = telegram.slice();
  own.set(Buffer.from(String(number).padStart(8, "0"), "hex").reverse(), 1);
  return own;
}

export const interfaceNames = Array.from({ length: 400 }, (_, index) => `bus-${index}`);

/** Where a meter hangs; texts in one piece, as settings and store give them. */
export function placeOf(number: number): { readonly interfaceName: string; readonly position: string } {
  const building = number % interfaceNames.length;
  const position = Buffer.from(`Building ${building}, place ${number}`).toString("latin1");
  return { interfaceName: interfaceNames[building] as string, position };
}

/** Installs a meter and gives it its newest reading. @throws Error where the reading is refused */
export async function addMeter(
  { mapping }: BenchGateway,
  telegram: Uint8Array,
  number: number,
): Promise<LogicalDevice> {
  const device = await mapping.install({
    ...placeOf(number),
    secondaryAddress: Buffer.from(telegram.subarray(1, 9)).toString("hex"),
    primaryAddress: undefined,
  });
  const outcome = await mapping.completed({
    meterId: device.row.id,
    telegrams: [telegram],
    readAtMs: systemClock.now(),
    durationMs: 250,
  });
  if (!outcome.ok) throw new Error(outcome.message);
  return device;
}

/** Adds meters, the demo's kinds in turn, until `isEnough` says so. */
export async function addMeters(
  gateway: BenchGateway,
  isEnough: (devices: readonly LogicalDevice[]) => boolean,
): Promise<readonly LogicalDevice[]> {
  const telegrams = demoTelegrams();
  const devices: LogicalDevice[] = [];
  for (let number = 1; !isEnough(devices); number++) {
    const telegram = telegrams[number % telegrams.length] as Uint8Array;
    devices.push(await addMeter(gateway, withIdentification(telegram, number), number));
  }
  return devices;
}
