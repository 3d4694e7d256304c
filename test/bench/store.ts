/** What the history takes and how fast it is, beside plain SQLite rows, and beside xz where it is installed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOnce } from "./load/process.js";
import type { PointAnswer, RateAnswer, SizeAnswer, StoreQuestion } from "./load/store-child.js";
import { type Bench, type BenchResult, result } from "./result.js";

/** 85 days of quarter hours of each vector meter. */
const sizeReadings = 8192;
const appendReadings = 51_200;
const meters = 512;
const years = 10;
/** Kinds of meters in the file of ten years; STORE_KINDS=19 for all, and minutes of writing. */
const kinds = Number(process.env["STORE_KINDS"] ?? 2);

type Measure = (folder: string) => Promise<readonly BenchResult[]>;

const ask = <Answer>(question: StoreQuestion) => runOnce<Answer>("store-child.js", question, []);

const measures: Readonly<Record<string, Measure>> = {
  "store-bytes-per-reading": async (folder) => {
    const question = { kind: "size", folder, readings: sizeReadings } as const;
    const { bytesPerReading, largest, rowBytes, xzBytes } = await ask<SizeAnswer>(question);
    const most = `most: ${largest.bytes.toFixed(1)} (${largest.name}); whole file, indexes and all`;
    const name = "store-bytes-per-reading";
    const rows = { what: "plain SQLite rows", value: rowBytes };
    if (xzBytes === undefined) {
      return [result(name, bytesPerReading, "bytes", rows, `${most}; xz is not installed: not compared with it`)];
    }
    return [
      result(name, bytesPerReading, "bytes", rows, most),
      result(
        name,
        bytesPerReading,
        "bytes",
        { what: "xz -9 of the same columns", value: xzBytes },
        "aim: at most twice",
      ),
    ];
  },
  "store-scan": async (folder) => {
    const { rate, reference } = await ask<RateAnswer>({ kind: "scan", folder });
    const what = { what: "plain SQLite rows by one SELECT", value: reference };
    return [result("store-scan", rate, "readings/s", what, "one meter's year through the port, telegrams as received")];
  },
  "store-append": async (folder) => {
    const question = { kind: "append", folder, readings: appendReadings, meters } as const;
    const { rate, reference } = await ask<RateAnswer>(question);
    const what = { what: "plain SQLite, a transaction of 512 rows", value: reference };
    return [result("store-append", rate, "readings/s", what, "512 meters, synchronous=FULL, compaction meanwhile")];
  },
  "store-point-query": async (folder) => {
    const question = { kind: "point", folder, meters, years, telegrams: kinds } as const;
    const answer = await ask<PointAnswer>(question);
    const note =
      `one value at one time, 99 % within ${answer.worst99Ms.toFixed(2)} ms; ${years} years of ${meters} meters of ` +
      `${kinds} kinds: ${(answer.readings / 1e6).toFixed(0)} million readings in ${(answer.fileBytes / 1e9).toFixed(2)} GB, ` +
      `written in ${answer.writeSeconds.toFixed(0)} s`;
    const what = { what: "plain SQLite rows, two meters' year", value: answer.referenceMs };
    return [result("store-point-query", answer.medianMs, "ms", what, note)];
  },
};

export const storeBench: Bench = {
  names: Object.keys(measures),
  async run(names) {
    const results: BenchResult[] = [];
    for (const [name, measure] of Object.entries(measures)) {
      if (!names.has(name)) continue;
      const folder = mkdtempSync(join(tmpdir(), "cosem-gateway-bench-"));
      try {
        results.push(...(await measure(folder)));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return results;
  },
};
