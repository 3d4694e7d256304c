/** Meters come onto the list, change and go. Each waits for what is being kept of its meter. */
import type { Registry } from "../../cosem/index.js";
import type { Clock, MeterListStore, MeterRow, ReadingRow, ReadingStore } from "../ports/index.js";
import { compactRow, type MeterDevice } from "./meter-device.js";
import type { Queues } from "./queues.js";
import type { RetiredMeter, RetiredMeters } from "./retired-meters.js";

/** Of the store, what mapping needs. */
export type MappingStore = ReadingStore & Pick<MeterListStore, "updateMeter" | "forgetHistory">;

/** A meter to be installed: all that the list has of it. */
export type NewMeter = Omit<MeterRow, "id" | "sap" | "logicalDeviceName" | "kind" | "removedAtMs" | "lastNumber">;

export interface Installation {
  /**
   * Keeps a new meter in the store and serves it as `sap<n>` until its first good readout. One that was taken off the
   * list, found again by interface and address or by its whole secondary address, has its old SAP, name and history.
   */
  install(meter: NewMeter): Promise<MeterDevice>;
  /** Changes what the list has of a meter, behind readings that are being kept. Undefined: there is no such meter. */
  update(meterId: number, changes: Partial<NewMeter>): Promise<MeterDevice | undefined>;
  /** Takes a meter off the list and out of the registry; its SAP stays its own. False: there is no such meter. */
  remove(meterId: number, options: { readonly keepHistory: boolean }): Promise<boolean>;
}

/** What installation changes; see MappingState. */
export interface InstallationState {
  readonly devices: Map<number, MeterDevice>;
  readonly queues: Queues<number>;
  readonly retired: RetiredMeters;
  readonly parts: {
    readonly store: MappingStore;
    readonly registry: Pick<Registry, "removeDevice">;
    readonly clock: Pick<Clock, "now">;
  };
  nextSap(): number;
  addMeter(row: MeterRow): MeterDevice;
  showNewest(device: MeterDevice, row: ReadingRow): void;
}

export function createInstallation(state: InstallationState): Installation {
  const { store, registry, clock } = state.parts;

  async function revive(retired: RetiredMeter, row: MeterRow): Promise<MeterDevice> {
    let newest: readonly ReadingRow[];
    try {
      newest = await store.readings({ meterId: row.id, descending: true, limit: 1 });
      await store.updateMeter(row);
    } catch (error) {
      state.retired.add(retired);
      throw error;
    }
    const device = state.addMeter(row);
    if (device.meterKind !== undefined && retired.uses.length > 0) {
      device.own = device.meterKind.ownObjects(retired.uses);
    }
    for (const reading of newest) state.showNewest(device, reading);
    return device;
  }

  return {
    async install(meter) {
      const retired = state.retired.take(meter);
      if (retired !== undefined) {
        const row = compactRow({ ...retired.row, ...meter, removedAtMs: undefined });
        return state.queues.run(row.id, () => revive(retired, row));
      }
      const sap = state.nextSap();
      return state.addMeter(await store.addMeter({ ...meter, sap, logicalDeviceName: undefined, kind: undefined }));
    },
    update: (meterId, changes) =>
      state.queues.run(meterId, async () => {
        const device = state.devices.get(meterId);
        if (device === undefined) return undefined;
        const row = compactRow({ ...device.row, ...changes });
        await store.updateMeter(row);
        device.row = row;
        return device;
      }),
    remove: (meterId, { keepHistory }) =>
      state.queues.run(meterId, async () => {
        const device = state.devices.get(meterId);
        if (device === undefined) return false;
        // Without readings nothing tells who it was: what answers at its place when it comes back, gives it its name.
        const lastNumber = device.newest?.number ?? device.row.lastNumber;
        const named = keepHistory ? {} : { logicalDeviceName: undefined, kind: undefined, lastNumber };
        const row = compactRow({ ...device.row, ...named, isDeclared: undefined, removedAtMs: clock.now() });
        await store.updateMeter(row);
        state.devices.delete(meterId);
        registry.removeDevice(device);
        state.retired.add({ row, uses: keepHistory ? (device.own?.uses ?? []) : [] });
        if (!keepHistory) await store.forgetHistory(meterId);
        return true;
      }),
  };
}
