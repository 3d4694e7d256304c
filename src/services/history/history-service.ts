import type { HistoryStore } from "../../ports/index.js";
import { hasRight } from "../rights.js";
import { aimedBytesPerReading, capacityOf, forecastOf } from "./capacity.js";
import type { HistoryService } from "./contract.js";

export interface HistoryServiceParts {
  readonly store: Pick<HistoryStore, "figures" | "telegrams">;
  /** The store's key of the meter with this name, any of its names. */
  meterIdOf(device: string): number | undefined;
}

export function createHistoryService({ store, meterIdOf }: HistoryServiceParts): HistoryService {
  return {
    async storage(principal) {
      if (!hasRight(principal, "meters.read")) return undefined;
      const figures = await store.figures();
      const assumedBytesPerReading = figures.bytesPerReading ?? aimedBytesPerReading;
      const capacity = capacityOf(figures, assumedBytesPerReading);
      return { ...figures, assumedBytesPerReading, capacity, forecast: forecastOf(figures) };
    },
    async telegrams(principal, name, limit) {
      if (!hasRight(principal, "meters.read")) return undefined;
      const meterId = meterIdOf(name);
      return meterId === undefined ? undefined : store.telegrams(meterId, limit);
    },
  };
}
