import {
  type ArrayStream,
  createAssociation,
  createRegistry,
  type Data,
  fromHex,
  logicalName,
  type Principal,
  type Registry,
  type RegistryNotice,
} from "../../../cosem/index.js";
import type { MappingStore } from "../../../src/mapping/index.js";
import {
  createMapping,
  type LoadedMap,
  loadMaps,
  type Mapping,
  type MappingParts,
  type MeterDevice,
  type ReadoutOutcome,
} from "../../../src/mapping/index.js";
import { type KeepingLogger, keepingLogger } from "../../support/silent-logger.js";
import { createStandingClock } from "../../support/standing-clock.js";
import { MemoryStore } from "./memory-store.js";

/** 2026-11-22T11:00:00Z. */
export const start = Date.UTC(2026, 10, 22, 11);

export const shippedMaps: readonly LoadedMap[] = loadMaps().maps;

export const everything: Principal = {
  association: createAssociation({ name: "management", clientSap: 1, rules: [{ access: "declared" }] }),
  user: "test",
  door: "test",
  peer: "test",
};

export interface Fixture<S extends MappingStore = MemoryStore> {
  readonly store: S;
  readonly registry: Registry;
  readonly mapping: Mapping;
  readonly notices: RegistryNotice[];
  readonly logger: KeepingLogger;
  install(): Promise<MeterDevice>;
  /** One readout of a meter; telegrams in hex from the CI field on. */
  read(device: MeterDevice, telegrams: readonly string[], readAtMs?: number): Promise<ReadoutOutcome>;
}

/** A mapping over a store, without common objects unless `more` has them. */
export function mappingOver<S extends MappingStore>(
  store: S,
  maps: readonly LoadedMap[] = shippedMaps,
  more: Partial<MappingParts> = {},
): Fixture<S> {
  const notices: RegistryNotice[] = [];
  const logger = keepingLogger();
  const registry = createRegistry({ onListenerError: (error) => Promise.reject(error) });
  registry.subscribe((notice) => void notices.push(notice));
  const mapping = createMapping({
    maps,
    store,
    registry,
    clock: createStandingClock(start),
    logger,
    commonObjects: [],
    ...more,
  });
  return {
    store,
    registry,
    mapping,
    notices,
    logger,
    install: () =>
      mapping.install({ interfaceName: "bus", position: "", primaryAddress: 1, secondaryAddress: undefined }),
    read: (device, telegrams, readAtMs = start) =>
      mapping.completed({
        meterId: device.row.id,
        telegrams: telegrams.map((text) => fromHex(text.replaceAll(" ", ""))),
        readAtMs,
        durationMs: 250,
      }),
  };
}

export const memoryFixture = (): Fixture => mappingOver(new MemoryStore());

/** Reads an attribute of a device's object as the registry gives it, streams joined. */
export async function readAttribute(
  registry: Registry,
  device: MeterDevice,
  name: string,
  attributeIndex: number,
  selectiveAccess?: { selector: number; parameters: Data },
): Promise<Data> {
  const target = { device, logicalName: logicalName(name), classId: undefined, attributeIndex };
  const result = await registry.read(target, everything, selectiveAccess);
  if (!result.ok) throw new Error(result.refusal);
  return result.value.type === "array-stream" ? joined(result.value) : result.value;
}

async function joined(stream: ArrayStream): Promise<Data> {
  const value: Data[] = [];
  for (let page = await stream.next(); page !== undefined; page = await stream.next()) value.push(...page);
  if (value.length !== stream.count) throw new Error(`${stream.count} announced, ${value.length} came`);
  return { type: "array", value };
}

/** Header of a telegram from meter `id` (eight digits): CI 72, KAM, version 08, heat; access number and status last. */
export function heatHeader(id: string, status = "00"): string {
  const bytes = [...id.matchAll(/../g)].map((match) => match[0]).reverse();
  return `72 ${bytes.join("")} 2D2C 08 04 2A ${status} 0000`;
}
