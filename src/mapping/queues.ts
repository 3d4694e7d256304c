/** Runs tasks with the same key one after the other, tasks with different keys side by side. */
export interface Queues<K> {
  /** Settles as the task does; a task that fails does not stop the next. */
  run<T>(key: K, task: () => Promise<T>): Promise<T>;
}

export function createQueues<K>(): Queues<K> {
  const last = new Map<K, Promise<unknown>>();
  return {
    run(key, task) {
      const before = last.get(key);
      const result = before === undefined ? task() : before.then(task, task);
      const settled = result.then(
        () => undefined,
        () => undefined,
      );
      last.set(key, settled);
      void settled.then(() => {
        if (last.get(key) === settled) last.delete(key);
      });
      return result;
    },
  };
}
