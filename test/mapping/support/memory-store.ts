import type {
  KindObjectRow,
  LayoutRow,
  MeterLayoutRow,
  MeterListStore,
  MeterRow,
  ReadingCommit,
  ReadingQuery,
  ReadingRow,
  ReadingStore,
  StoredState,
} from "../../../src/ports/index.js";

/** A ReadingStore in memory that shows what was committed and can refuse. */
export class MemoryStore implements ReadingStore, Pick<MeterListStore, "updateMeter" | "forgetHistory"> {
  readonly meters: MeterRow[] = [];
  readonly kindObjects: KindObjectRow[] = [];
  readonly layouts: LayoutRow[] = [];
  readonly meterLayouts: MeterLayoutRow[] = [];
  readonly rows: ReadingRow[] = [];
  readonly commits: ReadingCommit[] = [];
  /** Set: the next commits reject with it. */
  refusal: Error | undefined;
  /** Set: commits wait for it. */
  gate: Promise<void> | undefined;
  private readonly state = new Map<string, string>();

  async load(): Promise<StoredState> {
    const newest = new Map(this.rows.map((row) => [row.meterId, row]));
    return {
      meters: [...this.meters],
      kindObjects: [...this.kindObjects],
      layouts: [...this.layouts],
      meterLayouts: this.meterLayouts.toSorted(
        (one, other) => one.meterId - other.meterId || one.ordinal - other.ordinal,
      ),
      newest: [...newest.values()],
    };
  }

  async addMeter(meter: Omit<MeterRow, "id">): Promise<MeterRow> {
    const row = { ...meter, id: this.meters.length + 1 };
    this.meters.push(row);
    return row;
  }

  async updateMeter(meter: MeterRow): Promise<void> {
    this.meters[this.meters.findIndex(({ id }) => id === meter.id)] = meter;
  }

  async forgetHistory(meterId: number): Promise<void> {
    const isOther = (row: { readonly meterId: number }) => row.meterId !== meterId;
    this.rows.splice(0, this.rows.length, ...this.rows.filter(isOther));
    this.meterLayouts.splice(0, this.meterLayouts.length, ...this.meterLayouts.filter(isOther));
  }

  async commit(commit: ReadingCommit): Promise<void> {
    await this.gate;
    if (this.refusal !== undefined) throw this.refusal;
    this.commits.push(commit);
    if (commit.newLayout !== undefined) this.layouts.push(commit.newLayout);
    this.kindObjects.push(...(commit.newObjects ?? []));
    if (commit.meterLayout !== undefined) this.meterLayouts.push(commit.meterLayout);
    const { meter } = commit;
    if (meter !== undefined) this.meters[this.meters.findIndex((row) => row.id === meter.id)] = meter;
    this.rows.push(commit.reading);
  }

  async count(query: ReadingQuery): Promise<number> {
    return this.select(query).length;
  }

  async readings(query: ReadingQuery): Promise<readonly ReadingRow[]> {
    const rows = this.select(query);
    if (query.descending === true) rows.reverse();
    const offset = query.offset ?? 0;
    return rows.slice(offset, offset + Math.min(query.limit ?? 1000, 1000));
  }

  private select(query: ReadingQuery): ReadingRow[] {
    return this.rows.filter(
      (row) =>
        row.meterId === query.meterId &&
        row.readAtMs >= (query.fromMs ?? -Infinity) &&
        row.readAtMs <= (query.toMs ?? Infinity) &&
        row.number >= (query.fromNumber ?? 1) &&
        row.number <= (query.toNumber ?? Infinity),
    );
  }

  async getState(key: string): Promise<string | undefined> {
    return this.state.get(key);
  }

  async setState(key: string, value: string): Promise<void> {
    this.state.set(key, value);
  }

  async statesWithPrefix(prefix: string): Promise<ReadonlyMap<string, string>> {
    return new Map([...this.state].filter(([key]) => key.startsWith(prefix)));
  }

  async close(): Promise<void> {}
}
