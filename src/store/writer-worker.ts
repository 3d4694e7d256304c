/**
 * The writer thread: the one write connection. Each `write` is one transaction, answered after it is on disk.
 * Where one operation is refused for what it says, the others of its group are kept all the same.
 */
import { parentPort, workerData } from "node:worker_threads";
import { openWriter, type WriterOptions } from "./database.js";
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

function start(): void {
  const connection = openWriter(options);
  const write = prepareWrites(connection);

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

  port?.on("message", (message: ToWriter) => {
    if (message.kind === "close") {
      connection.close();
      port.close();
      return;
    }
    try {
      answer({ kind: "written", outcomes: writeGroup(message.operations) });
    } catch (error) {
      const refusal = failure(storeErrorFrom(error, options.path));
      answer({ kind: "written", outcomes: message.operations.map(() => refusal) });
    }
  });
}

try {
  start();
  answer({ kind: "opened" });
} catch (error) {
  answer({ kind: "refused", failure: failure(storeErrorFrom(error, options.path)) });
  port.close();
}
