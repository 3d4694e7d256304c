/**
 * The main thread's side of the writer: collects operations into groups, hands one group at a time to the thread and
 * settles each promise when its group is on disk. The first that waits opens a window of `groupMs`; what comes within
 * it, or while a group is being written, goes together.
 */
import { Worker } from "node:worker_threads";
import type { Clock, Logger } from "../ports/index.js";
import type { WriterOptions } from "./database.js";
import type { Salvaged } from "./set-aside.js";
import { StoreError } from "./store-error.js";
import type {
  FromWriter,
  HistoryTask,
  TaskResults,
  ToWriter,
  WriteOperation,
  WriteOutcome,
} from "./writer-protocol.js";

export interface WriterSettings extends WriterOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the first write of a group waits for company. */
  readonly groupMs: number;
  /** At most so many writes wait; a further one is refused with `busy`. */
  readonly maxWaiting: number;
}

interface Waiting {
  readonly operation: WriteOperation;
  resolve(id: number | undefined): void;
  reject(error: StoreError): void;
}

interface RunningTask {
  resolve(result: TaskResults[keyof TaskResults]): void;
  reject(error: StoreError): void;
}

/** A group is closed early at this size, so that no transaction grows long. */
const maxGroup = 1000;

export interface Writer {
  /** What was taken over from a damaged file, where there was one. */
  readonly salvaged: Salvaged | undefined;
  /** Resolves with the new row's key (addMeter) when the operation is on disk. */
  write(operation: WriteOperation): Promise<number | undefined>;
  /** Does longer work in short steps between the writes. */
  run<Kind extends HistoryTask["kind"]>(task: HistoryTask & { readonly kind: Kind }): Promise<TaskResults[Kind]>;
  /** Writes what waits, then ends the thread. */
  close(): Promise<void>;
}

/** @throws StoreError when the file cannot be used */
export async function startWriter({ clock, logger, groupMs, maxWaiting, ...options }: WriterSettings): Promise<Writer> {
  const worker = new Worker(new URL("./writer-worker.js", import.meta.url), { workerData: options });
  let waiting: Waiting[] = [];
  let inFlight: readonly Waiting[] = [];
  let cancelWindow: (() => void) | undefined;
  let isWindowOver = false;
  let whenIdle: (() => void) | undefined;
  let ended: StoreError | undefined;
  const tasks = new Map<number, RunningTask>();
  let lastTask = 0;

  const send = (message: ToWriter, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);

  const sendGroup = (): void => {
    if (waiting.length === 0) return;
    if (inFlight.length > 0) {
      isWindowOver = true;
      return;
    }
    cancelWindow?.();
    cancelWindow = undefined;
    isWindowOver = false;
    inFlight = waiting.slice(0, maxGroup);
    waiting = waiting.slice(maxGroup);
    const copied = inFlight.map(({ operation }) => copiedForTransfer(operation));
    send(
      { kind: "write", operations: copied.map(({ operation }) => operation) },
      copied.flatMap(({ buffers }) => buffers),
    );
  };

  const openWindow = (): void => {
    if (ended !== undefined || waiting.length >= maxGroup || isWindowOver) sendGroup();
    else cancelWindow ??= clock.after(groupMs, sendGroup);
  };

  const settle = (outcomes: readonly WriteOutcome[]): void => {
    const group = inFlight;
    inFlight = [];
    for (const [index, { resolve, reject }] of group.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok === true) resolve(outcome.id);
      else reject(new StoreError(outcome?.reason ?? "stopped", outcome?.message ?? "the writer gave no answer"));
    }
    if (waiting.length > 0) openWindow();
    else whenIdle?.();
  };

  const fail = (error: StoreError): void => {
    ended ??= error;
    for (const { reject } of [...inFlight, ...waiting]) reject(error);
    for (const { reject } of tasks.values()) reject(error);
    inFlight = [];
    waiting = [];
    tasks.clear();
    cancelWindow?.();
    whenIdle?.();
  };

  const finish = (message: FromWriter): void => {
    if (message.kind === "trouble") {
      logger.warn("the history could not be compacted; it is tried again", { message: message.failure.message });
    } else if (message.kind === "done" || message.kind === "failed") {
      const task = tasks.get(message.id);
      tasks.delete(message.id);
      if (message.kind === "done") task?.resolve(message.result);
      else task?.reject(new StoreError(message.failure.reason, message.failure.message));
    }
  };

  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const salvaged = await new Promise<Salvaged | undefined>((resolve, reject) => {
    worker.on("message", (message: FromWriter) => {
      if (message.kind === "opened") resolve(message.salvaged);
      else if (message.kind === "written") settle(message.outcomes);
      else if (message.kind === "refused") reject(new StoreError(message.failure.reason, message.failure.message));
      else finish(message);
    });
    worker.on("error", (error) => {
      logger.error("the store's writer failed", { error: error.message });
      const stopped = new StoreError("stopped", `${options.path}: the writer failed (${error.message}); restart`);
      fail(stopped);
      reject(stopped);
    });
  }).catch(async (error: unknown) => {
    await exited;
    throw error;
  });

  return {
    salvaged,
    write(operation) {
      if (ended !== undefined) return Promise.reject(ended);
      if (waiting.length >= maxWaiting) {
        const text = `${waiting.length} writes wait already: the disk is too slow for this many meters; try again later`;
        return Promise.reject(new StoreError("busy", text));
      }
      const written = new Promise<number | undefined>((resolve, reject) => {
        waiting.push({ operation, resolve, reject });
      });
      openWindow();
      return written;
    },
    run<Kind extends HistoryTask["kind"]>(task: HistoryTask & { readonly kind: Kind }) {
      if (ended !== undefined) return Promise.reject(ended);
      return new Promise<TaskResults[Kind]>((resolve, reject) => {
        lastTask += 1;
        // The writer answers each task with the result of its kind.
        tasks.set(lastTask, { resolve: resolve as RunningTask["resolve"], reject });
        send({ kind: "task", id: lastTask, task });
      });
    },
    async close() {
      if (ended !== undefined) return void (await exited);
      ended = new StoreError("closed", `${options.path}: the store is closed`);
      const idle = new Promise<void>((resolve) => {
        whenIdle = resolve;
      });
      sendGroup();
      if (inFlight.length > 0) await idle;
      for (const { reject } of tasks.values()) reject(ended);
      tasks.clear();
      send({ kind: "close" });
      await exited;
    },
  };
}

/** Copies bytes out of whatever larger buffer they lie in, so that only they change threads. */
function copiedForTransfer(operation: WriteOperation): { operation: WriteOperation; buffers: ArrayBuffer[] } {
  if (operation.kind !== "commit") return { operation, buffers: [] };
  const { reading, newLayout, ...rest } = operation.commit;
  const payload = new Uint8Array(reading.payload);
  const layout = newLayout && { newLayout: { ...newLayout, shape: new Uint8Array(newLayout.shape) } };
  return {
    operation: { kind: "commit", commit: { ...rest, ...layout, reading: { ...reading, payload } } },
    buffers: [payload.buffer],
  };
}
