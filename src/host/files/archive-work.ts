/** Archives made and read in a worker. */
import { Worker } from "node:worker_threads";
import type { ArchiveAnswer, ArchiveWork } from "./archive-worker.js";
import type { ArchiveRequest, MadeArchive } from "./make-archive.js";
import { BadArchive, type RestorePlan, type RestoreRequest } from "./restore.js";

function inWorker(work: ArchiveWork): Promise<unknown> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL("./archive-worker.js", import.meta.url), { workerData: work });
    worker.once("message", (answer: ArchiveAnswer) => {
      if (answer.ok) done(answer.result);
      else fail(answer.isCallers ? new BadArchive(answer.message) : new Error(answer.message));
    });
    worker.once("error", fail);
    worker.once("exit", (code) => fail(new Error(`the worker ended (${code}) without an answer`)));
  });
}

export function makeInWorker(request: ArchiveRequest): Promise<MadeArchive> {
  return inWorker({ kind: "make", request }) as Promise<MadeArchive>;
}

/** @throws (rejects with) BadArchive for a file, or a passphrase, that is not good */
export function restoreInWorker(request: RestoreRequest): Promise<RestorePlan> {
  return inWorker({ kind: "restore", request }) as Promise<RestorePlan>;
}
