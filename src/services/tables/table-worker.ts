/** The thread in which tables are read and written; ends after one. */
import { parentPort, workerData } from "node:worker_threads";
import { readTable, TableFault, writeTable } from "./table-format.js";
import type { TableAnswer, TableTask } from "./tables.js";

const port = parentPort;
if (port === null) throw new Error("table-worker.js runs as a worker thread only");

function answerTo(task: TableTask): TableAnswer {
  try {
    if (task.kind === "read") return { kind: "table", table: readTable(task.bytes, task.limits) };
    return { kind: "bytes", bytes: writeTable(task.format, task.sheets) };
  } catch (error) {
    if (error instanceof TableFault) return { kind: "fault", message: error.message };
    throw error;
  }
}

port.postMessage(answerTo(workerData as TableTask));
