import type { StateStore } from "../../src/accounts/index.js";

export interface MemoryState extends StateStore {
  readonly kept: Map<string, string>;
  getState(key: string): Promise<string | undefined>;
  /** While true, writes wait for resume(). */
  pause(): void;
  resume(): void;
}

/** Durable texts for tests: what was resolved is in `kept`, what waits behind pause() is not. */
export function memoryState(kept = new Map<string, string>()): MemoryState {
  let open = Promise.resolve();
  let resume = (): void => {};
  return {
    kept,
    pause() {
      open = new Promise((resolve) => {
        resume = resolve;
      });
    },
    resume: () => resume(),
    getState: async (key) => kept.get(key),
    statesWithPrefix: async (prefix) => new Map([...kept].filter(([key]) => key.startsWith(prefix))),
    async setState(key, value) {
      await open;
      kept.set(key, value);
    },
  };
}
