/** One piece of work with archives in a thread of its own, so that doors and readouts go on meanwhile. */
import { parentPort, workerData } from "node:worker_threads";
import { type ArchiveRequest, makeArchive } from "./make-archive.js";
import { BadArchive, prepareRestore, type RestoreRequest, WrongPassphrase } from "./restore.js";

export type ArchiveWork =
  | { readonly kind: "make"; readonly request: ArchiveRequest }
  | { readonly kind: "restore"; readonly request: RestoreRequest };

export type ArchiveAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly isCallers: boolean; readonly message: string };

async function work(): Promise<ArchiveAnswer> {
  const { kind, request } = workerData as ArchiveWork;
  try {
    return { ok: true, result: kind === "make" ? await makeArchive(request) : await prepareRestore(request) };
  } catch (error) {
    const isCallers = error instanceof BadArchive || error instanceof WrongPassphrase;
    return { ok: false, isCallers, message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(await work());
