/** What the parts of this folder need of the database: durable texts by key. */
export interface StateStore {
  /** All texts whose keys begin with `prefix`. */
  statesWithPrefix(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Resolves when on disk. */
  setState(key: string, value: string): Promise<void>;
}
