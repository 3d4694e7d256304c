/** Tables read and written in a worker of their own, with bounded memory and time. */
import { Worker } from "node:worker_threads";
import type { TableFormat, WrittenFile } from "./contract.js";
import type { Sheet, Table, TableLimits } from "./table-format.js";

export type TableTask =
  | { readonly kind: "read"; readonly bytes: Uint8Array; readonly limits: TableLimits }
  | { readonly kind: "write"; readonly format: TableFormat; readonly sheets: readonly Sheet[] };

export type TableAnswer =
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "fault"; readonly message: string };

export type TableResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

/** Bytes of an uploaded file at most. */
export const maxFileBytes = 16 << 20;
const limits: TableLimits = { maxRows: 100_000, maxColumns: 64, maxUnpackedBytes: 512 << 20 };
const maxHeapMegabytes = 1024;
const maxSeconds = 120;

/** Never rejects for what a file holds. */
export async function readFile(bytes: Uint8Array): Promise<TableResult<Table>> {
  if (bytes.length > maxFileBytes) return { ok: false, message: `the file is larger than ${maxFileBytes >> 20} MB` };
  const answer = await run({ kind: "read", bytes, limits });
  return answer.kind === "table" ? { ok: true, value: answer.table } : { ok: false, message: faultOf(answer) };
}

const mediaTypes: Readonly<Record<TableFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  xls: "application/vnd.ms-excel",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** @param name  without ending */
export async function writeFile(
  name: string,
  format: TableFormat,
  sheets: readonly Sheet[],
): Promise<TableResult<WrittenFile>> {
  const answer = await run({ kind: "write", format, sheets });
  if (answer.kind !== "bytes") return { ok: false, message: faultOf(answer) };
  return { ok: true, value: { name: `${name}.${format}`, mediaType: mediaTypes[format], bytes: answer.bytes } };
}

function faultOf(answer: TableAnswer): string {
  return answer.kind === "fault" ? answer.message : "the file could not be worked on";
}

function run(task: TableTask): Promise<TableAnswer> {
  return new Promise((resolve) => {
    const fault = (message: string) => resolve({ kind: "fault", message });
    const worker = new Worker(new URL("./table-worker.js", import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
    });
    const timer = setTimeout(() => {
      fault(`the file takes longer than ${maxSeconds} s; cut it in parts`);
      void worker.terminate();
    }, maxSeconds * 1000);
    worker.once("message", (answer: TableAnswer) => resolve(answer));
    worker.once("error", (error) => {
      const isMemory = "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
      fault(isMemory ? "the file takes too much memory; cut it in parts" : "the file cannot be read; save it anew");
    });
    worker.once("exit", () => {
      clearTimeout(timer);
      fault("the file could not be worked on");
    });
  });
}
