/**
 * The writer thread: the one write connection. Each `write` is one transaction, answered after it is on disk.
 * Where one operation is refused for what it says, the others of its group are kept all the same. Between the groups,
 * in short steps, it compacts what is due and does the tasks it was given.
 */
import { parentPort, workerData } from "node:worker_threads";
import { createCompactor } from "./compaction.js";
import { defaultCompaction } from "./compaction-limits.js";
import { openWriter, type WriterOptions } from "./database.js";
import { prepareTasks, type RunningTask } from "./history-tasks.js";
import { prepareLogTable } from "./log-table.js";
import { salvage } from "./salvage.js";
import type { Salvaged } from "./set-aside.js";
import { checkSound } from "./soundness.js";
import { type StoreError, storeErrorFrom } from "./store-error.js";
import { prepareWrites } from "./write-operations.js";
import type { FromWriter, ToWriter, WriteFailure, WriteOperation, WriteOutcome } from "./writer-protocol.js";

const port = parentPort;
if (port === null) throw new Error("writer-worker.js runs as a worker thread only");
const options = workerData as WriterOptions;
const answer = (message: FromWriter) => port.postMessage(message);

function failure({ reason, message }: StoreError): WriteFailure {
  return { ok: false, reason, message };
}

/** @returns what was taken over, where there was a damaged file to take from */
function start(): Salvaged | undefined {
  const { path, check } = options;
  const connection = openWriter(options, (opened) => {
    if (check !== undefined) checkSound(opened, path, check === "thorough");
  });
  const salvaged = options.salvageFrom === undefined ? undefined : salvage(connection, options.salvageFrom);
  const log = prepareLogTable(connection);
  const kept = {
    rawTelegrams: options.rawTelegrams ?? 0,
    readoutRecords: options.readoutRecords ?? defaultReadoutRecords,
  };
  const write = prepareWrites(connection, kept, log);
  const compactor = createCompactor(connection, options.compaction ?? defaultCompaction);
  const beginTask = prepareTasks(connection, options, compactor, log);

  const writeOne = (operation: WriteOperation): WriteOutcome => {
    const id = write(operation);
    return id === undefined ? { ok: true } : { ok: true, id };
  };
  const writeAll = connection.transaction((operations: readonly WriteOperation[]) => operations.map(writeOne));
  // Inside another transaction the driver makes this one a savepoint.
  const writeAsSavepoint = connection.transaction(writeOne);
  const writeEach = connection.transaction((operations: readonly WriteOperation[]) =>
    operations.map((operation): WriteOutcome => {
      try {
        return writeAsSavepoint(operation);
      } catch (error) {
        const refusal = storeErrorFrom(error, options.path);
        if (refusal.reason !== "constraint") throw refusal;
        return failure(refusal);
      }
    }),
  );

  const writeGroup = (operations: readonly WriteOperation[]): readonly WriteOutcome[] => {
    try {
      return writeAll.immediate(operations);
    } catch (error) {
      const refusal = storeErrorFrom(error, options.path);
      if (refusal.reason === "constraint" && operations.length > 1) return writeEach.immediate(operations);
      throw refusal;
    }
  };

  const tasks: { readonly id: number; readonly running: RunningTask }[] = [];
  let isClosed = false;
  let isStepPlanned = false;
  let restUntil = 0;

  /** One step of the tasks in turn, so that a long one holds up no short one; else of the compaction that goes on by itself. @returns whether there is more */
  const step = (): boolean => {
    const task = tasks.shift();
    if (task === undefined) return backgroundStep();
    try {
      const { done, value } = task.running.next();
      if (done !== true) {
        tasks.push(task);
        return true;
      }
      answer({ kind: "done", id: task.id, result: value });
    } catch (error) {
      answer({ kind: "failed", id: task.id, failure: failure(storeErrorFrom(error, options.path)) });
    }
    return true;
  };

  const backgroundStep = (): boolean => {
    if (performance.now() < restUntil) return false;
    try {
      return compactor.step();
    } catch (error) {
      // A full disk, say: nothing is lost, the rows are still rows.
      restUntil = performance.now() + restMs;
      answer({ kind: "trouble", failure: failure(storeErrorFrom(error, options.path)) });
      return false;
    }
  };

  /** Messages that came meanwhile go before the next step. */
  const planStep = (): void => {
    if (isStepPlanned) return;
    isStepPlanned = true;
    setImmediate(() => {
      isStepPlanned = false;
      if (!isClosed && step()) planStep();
    });
  };

  const writeAndAnswer = (operations: readonly WriteOperation[]): void => {
    try {
      const outcomes = writeGroup(operations);
      answer({ kind: "written", outcomes });
      for (const operation of operations) {
        if (operation.kind === "commit") compactor.committed(operation.commit.reading.meterId);
      }
    } catch (error) {
      const refusal = failure(storeErrorFrom(error, options.path));
      answer({ kind: "written", outcomes: operations.map(() => refusal) });
    }
  };

  port?.on("message", (message: ToWriter) => {
    switch (message.kind) {
      case "close":
        isClosed = true;
        connection.close();
        port.close();
        return;
      case "task":
        tasks.push({ id: message.id, running: beginTask(message.task) });
        break;
      case "write":
        writeAndAnswer(message.operations);
    }
    planStep();
  });
  planStep();
  return salvaged;
}

/** A week and a half of 200 meters at 15 minutes. */
const defaultReadoutRecords = 200_000;

/** How long background work waits after it failed. */
const restMs = 60_000;

try {
  answer({ kind: "opened", salvaged: start() });
} catch (error) {
  answer({ kind: "refused", failure: failure(storeErrorFrom(error, options.path)) });
  port.close();
}
