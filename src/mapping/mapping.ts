/**
 * Mapping: what the gateway knows of its meters, in memory. Kinds with their objects and layouts, one device a meter
 * with its newest committed reading; installs meters and rebuilds all of it from the store at start.
 */
import type { CosemObject, LogicalName, Registry } from "../../cosem/index.js";
import type {
  Clock,
  KindObjectRow,
  LayoutRow,
  Logger,
  MeterLayoutRow,
  MeterRow,
  ReadingRow,
  StoredState,
} from "../ports/index.js";
import { type FixedObjects, namedObjects, unnamedObjects } from "./fixed-objects.js";
import { createIngest, type Ingest } from "./ingest.js";
import { createInstallation, type Installation, type MappingStore } from "./installation.js";
import { MeterKind } from "./kind.js";
import type { LoadedMap } from "./load-maps.js";
import { valueGroupA } from "./match-record.js";
import { MeterDevice, type MeterDeviceHome } from "./meter-device.js";
import { headerOfKind } from "./meter-identity.js";
import { PayloadPool } from "./payload-pool.js";
import { clockStatusOf, judgeReading, noQualityLimits, type QualityLimits, storedQualityOf } from "./quality.js";
import { createQueues } from "./queues.js";
import { RetiredMeters } from "./retired-meters.js";
import { type MeterServing, plainServing } from "./serving.js";

export interface MappingParts {
  readonly maps: readonly LoadedMap[];
  readonly store: MappingStore;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Objects of every meter's device that serve all alike: Clock and Association LN. */
  readonly commonObjects: readonly CosemObject[];
  /** Minutes, UTC = local + deviation. Default: 0. */
  deviationAt?(instantMs: number): number;
  /** When a value is doubtful; default: by what the telegram says alone. */
  readonly quality?: QualityLimits;
  /** Default: all that we have, without a gateway around it. */
  readonly serving?: MeterServing;
}

export interface Mapping extends Ingest, Installation {
  /** Rebuilds everything from the store; called once, before the first readout. */
  load(state: StoredState): void;
  device(meterId: number): MeterDevice | undefined;
  devices(): Iterable<MeterDevice>;
}

/** Kinds, devices and their newest payloads: the state that ingest works on. */
export class MappingState {
  readonly kinds = new Map<string, MeterKind>();
  readonly devices = new Map<number, MeterDevice>();
  readonly pendingNames = new Set<string>();
  readonly payloads = new PayloadPool();
  readonly queues = createQueues<number>();
  readonly retired = new RetiredMeters();
  readonly parts: MappingParts;
  readonly deviceParts: MeterDeviceHome;
  private readonly unnamed: FixedObjects;
  /** By value group A. */
  private readonly named: FixedObjects[] = [];
  private lastLayoutId = 0;
  private lastSap = firstMeterSap - 1;

  constructor(parts: MappingParts) {
    this.parts = parts;
    this.deviceParts = {
      store: parts.store,
      commonObjects: parts.commonObjects,
      deviationAt: (instantMs) => parts.deviationAt?.(instantMs) ?? 0,
      now: () => parts.clock.now(),
      serving: parts.serving ?? plainServing,
      quality: parts.quality ?? noQualityLimits,
      fixedObjects: (kind) => (kind === undefined ? this.unnamed : this.namedOf(kind)),
    };
    this.unnamed = unnamedObjects(this.deviceParts);
  }

  /** One list for all meters of a medium. */
  private namedOf({ valueGroupA }: Pick<MeterKind, "valueGroupA">): FixedObjects {
    let objects = this.named[valueGroupA];
    if (objects === undefined) {
      objects = namedObjects(this.deviceParts, { valueGroupA });
      this.named[valueGroupA] = objects;
    }
    return objects;
  }

  kind(key: string): MeterKind {
    const known = this.kinds.get(key);
    if (known !== undefined) return known;
    const { maps } = this.parts;
    const meter = headerOfKind(key);
    const kind = new MeterKind({ key, maps, meter, reserved: this.reservedNames(valueGroupA(maps, meter)) });
    this.kinds.set(key, kind);
    return kind;
  }

  /**
   * Names that no record of a kind may take. A meter's own clock is Data at 0-0:1.0.0 beside the device's Clock there,
   * told apart by its class; all else that every device has is its own.
   */
  private reservedNames(valueGroupA: number): readonly LogicalName[] {
    const clockClass = 8;
    const { all } = this.deviceParts.fixedObjects({ valueGroupA });
    return all.filter(({ classId }) => classId !== clockClass).map(({ name }) => name);
  }

  isRetiredName(name: string): boolean {
    return this.retired.hasName(name);
  }

  nextLayoutId(): number {
    this.lastLayoutId += 1;
    return this.lastLayoutId;
  }

  nextSap(): number {
    this.lastSap = nextSapAfter(this.lastSap);
    return this.lastSap;
  }

  addObject(row: KindObjectRow): void {
    this.kind(row.kind).adopt(row);
  }

  addLayout(row: LayoutRow): void {
    const kind = this.kind(row.kind);
    kind.layouts.push(kind.prepare(row.id, kind.compile(row.shape)));
    this.lastLayoutId = Math.max(this.lastLayoutId, row.id);
  }

  addMeter(row: MeterRow): MeterDevice {
    const kind = row.kind === undefined ? undefined : this.kind(row.kind);
    const device = new MeterDevice(this.deviceParts, row, kind);
    this.devices.set(row.id, device);
    this.keepSap(row);
    this.parts.registry.addDevice(device);
    return device;
  }

  /** Nothing where its layout is not known. */
  showNewest(device: MeterDevice, row: ReadingRow): void {
    const layout = device.meterKind?.layoutById(row.layoutId);
    if (layout === undefined) return;
    const { number, readAtMs } = row;
    const clockStatus = clockStatusOf(row.clockStatus);
    device.newest = { number, readAtMs, clockStatus, layout, payload: this.payloads.keep(row.payload) };
    this.judge(device, storedQualityOf(row.clockStatus));
  }

  /** @param known  of the reading before the restart, whose neighbour is not at hand */
  private judge(device: MeterDevice, known: number): void {
    if (device.newest === undefined) return;
    const deviation = this.deviceParts.deviationAt(device.newest.readAtMs);
    const judged = judgeReading(device.newest, device.own?.objects ?? [], this.deviceParts.quality, deviation);
    device.quality = { ...judged, meter: judged.meter | known };
  }

  /** No other meter ever gets it. */
  keepSap({ sap }: MeterRow): void {
    this.lastSap = Math.max(this.lastSap, sap);
  }
}

/** SAP 16 upwards; 127 is the all-station address (DESIGN, logical devices). */
export const firstMeterSap = 16;
const allStationSap = 127;

/** The SAP of the meter installed after the one with `sap`. */
export function nextSapAfter(sap: number): number {
  return sap + 1 === allStationSap ? sap + 2 : sap + 1;
}

/** An empty mapping; load() fills it. */
export function createMapping(parts: MappingParts): Mapping {
  const state = new MappingState(parts);
  return {
    load: (stored) => load(state, stored),
    ...createInstallation(state),
    device: (meterId) => state.devices.get(meterId),
    devices: () => state.devices.values(),
    ...createIngest(state),
  };
}

function load(state: MappingState, stored: StoredState): void {
  for (const row of stored.kindObjects) state.addObject(row);
  for (const row of stored.layouts) state.addLayout(row);
  for (const kind of state.kinds.values()) kind.connect();
  for (const row of stored.meters) {
    state.keepSap(row);
    if (row.removedAtMs === undefined) state.addMeter(row);
    else state.retired.add({ row, uses: [] });
  }
  const uses = new Map<number, MeterLayoutRow[]>();
  for (const row of stored.meterLayouts) {
    const known = uses.get(row.meterId);
    if (known === undefined) uses.set(row.meterId, [row]);
    else known.push(row);
  }
  for (const [meterId, rows] of uses) {
    const device = state.devices.get(meterId);
    if (device?.meterKind !== undefined) device.own = device.meterKind.ownObjects(rows);
    else state.retired.noteUses(meterId, rows);
  }
  for (const row of stored.newest) {
    const device = state.devices.get(row.meterId);
    if (device !== undefined) state.showNewest(device, row);
  }
}
