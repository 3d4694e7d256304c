/** A gateway with 100,000 meters on its list, each read once: memory, and time until its doors are open. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListAnswer, ListQuestion } from "./load/list-child.js";
import { runOnce } from "./load/process.js";
import { type Bench, result } from "./result.js";

const name = "meters-100000";
/** METERS=n for another number. */
const meters = Number(process.env["METERS"] ?? 100_000);

export const meterListBench: Bench = {
  names: [name],
  async run() {
    const root = mkdtempSync(join(tmpdir(), "meters-bench-"));
    const folder = join(root, "data");
    const ask = (kind: ListQuestion["kind"]) =>
      runOnce<ListAnswer>("list-child.js", { kind, folder, meters } satisfies ListQuestion, ["--expose-gc"]);
    try {
      const filled = await ask("fill");
      const bare = await ask("bare");
      const own = await ask("start");
      const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
      const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);
      const what = "the same rows read by SQLite into plain objects";
      const written = `${meters} meters on 400 buses, installed and read once in ${seconds(filled.startMs)} s`;
      return [
        result(
          name,
          own.startMs,
          "ms",
          { what, value: bare.startMs },
          `from process start until the doors are open; ${written}`,
        ),
        result(
          name,
          own.usedBytes / meters,
          "bytes/meter",
          { what, value: bare.usedBytes / meters },
          `the whole process after collection; resident ${mebibytes(own.residentBytes)} MiB`,
        ),
      ];
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};
