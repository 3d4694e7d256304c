import type { MeterListStore, MeterRow, ReadingRow, ReadingStore, StoredState } from "../../../src/ports/index.js";

/** A store that keeps nothing: what is left in memory is what mapping and the registry hold. */
export class ForgetfulStore implements ReadingStore, Pick<MeterListStore, "updateMeter" | "forgetHistory"> {
  private lastId = 0;

  async load(): Promise<StoredState> {
    return { meters: [], kindObjects: [], layouts: [], meterLayouts: [], newest: [] };
  }
  async addMeter(meter: Omit<MeterRow, "id">): Promise<MeterRow> {
    this.lastId += 1;
    return { ...meter, id: this.lastId };
  }
  async updateMeter(): Promise<void> {}
  async forgetHistory(): Promise<void> {}
  async commit(): Promise<void> {}
  async count(): Promise<number> {
    return 0;
  }
  async readings(): Promise<readonly ReadingRow[]> {
    return [];
  }
  async getState(): Promise<string | undefined> {
    return undefined;
  }
  async setState(): Promise<void> {}
  async statesWithPrefix(): Promise<ReadonlyMap<string, string>> {
    return new Map();
  }
  async close(): Promise<void> {}
}
