/** Rows a second of a load profile read over DLMS, and the memory that takes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alternate } from "./alternate.js";
import { type ServerProcess, startServer, startWorker, type WorkerProcess } from "./load/process.js";
import type { ProfileAnswer } from "./load/profile-load.js";
import type { ProfileArgument, ProfileReady, ProfileRequest } from "./load/profile-server.js";
import type { ScanAnswer } from "./load/sqlite-scan.js";
import type { LoadAnswer, LoadQuestion } from "./load/tcp-load.js";
import { type Bench, type BenchResult, result } from "./result.js";

/** A year of quarter hours. */
const rows = 35_040;
const manyRows = 1_000_000;
const rounds = 5;

export const profileBench: Bench = {
  names: ["profile-rows", "profile-rows-store", "profile-rows-memory", "profile-memory-million-rows"],
  async run(names) {
    const folder = mkdtempSync(join(tmpdir(), "cosem-gateway-bench-"));
    try {
      const results: BenchResult[] = [];
      if (names.has("profile-rows") || names.has("profile-rows-store")) {
        results.push(...(await fromStore(join(folder, "gateway.db"), names)));
      }
      if (names.has("profile-rows-memory")) results.push(await fromMemory());
      if (names.has("profile-memory-million-rows")) results.push(await memoryOfMany(join(folder, "many.db")));
      return results;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const start = (argument: ProfileArgument) => startServer<ProfileReady>("profile-server.js", argument);

/** Seconds and bytes of one whole reading. */
function reading(load: WorkerProcess, request: ProfileRequest) {
  const seen: ProfileAnswer[] = [];
  const perSecond = async () => {
    const answer = await load.ask<ProfileAnswer>(request);
    seen.push(answer);
    return rows / answer.seconds;
  };
  return { perSecond, last: () => seen.at(-1) ?? { seconds: 0, bytes: 0, blocks: 1 } };
}

async function fromStore(path: string, names: ReadonlySet<string>): Promise<readonly BenchResult[]> {
  const server = await start({ path, rows });
  const [load, scan] = [startWorker("profile-load.js"), startWorker("sqlite-scan.js")];
  const { meterId, columns, getTwoColumns } = server.ready;
  const scanned = async () => {
    const answer = await scan.ask<ScanAnswer>({ path, meterId });
    return answer.rows / answer.seconds;
  };
  const results: BenchResult[] = [];
  for (const name of ["profile-rows", "profile-rows-store"]) {
    if (!names.has(name)) continue;
    const isWhole = name === "profile-rows";
    const own = reading(load, { ...server.ready, ...(isWhole ? {} : { get: getTwoColumns }) });
    await own.perSecond();
    await scanned();
    const { value, reference } = await alternate(own.perSecond, scanned, rounds);
    const what = "plain SQLite scan, telegrams unread";
    results.push(
      result(name, value, "rows/s", { what, value: reference }, wordsOf(isWhole ? columns : 2, columns, own.last())),
    );
  }
  await Promise.all([server.stop(), load.stop(), scan.stop()]);
  return results;
}

function wordsOf(asked: number, columns: number, { bytes }: ProfileAnswer): string {
  const which = asked === columns ? `${columns} columns` : `${asked} of ${columns} columns by range`;
  return `${rows} rows of ${which}, ${(bytes / 1e6).toFixed(1)} MB of A-XDR in blocks of 64 KiB, one connection`;
}

/** Rows that need no store, beside a bare server that sends blocks as large. */
async function fromMemory(): Promise<BenchResult> {
  const server = await start({ rows });
  const [load, blocks] = [startWorker("profile-load.js"), startWorker("tcp-load.js")];
  const own = reading(load, { ...server.ready, get: server.ready.getTwoColumns });
  await own.perSecond();
  const first = own.last();
  const responseLength = Math.round(first.bytes / first.blocks);
  // Wrapper header and GET.request next.
  const request = "00010010000100" + "07c002c100000001";
  const bare = await startServer<{ port: number }>("fixed-server.js", {
    requestLength: request.length / 2,
    responseHex: "00".repeat(responseLength),
  });
  const question: LoadQuestion = {
    kind: "load",
    port: bare.ready.port,
    lanes: [{ setup: [], requests: [request] }],
    connections: 1,
    responseLength,
    warmUpSeconds: 0.1,
    seconds: 0.3,
  };
  const sent = async () => ((await blocks.ask<LoadAnswer>(question)).perSecond * rows) / first.blocks;
  const { value, reference } = await alternate(own.perSecond, sent, rounds);
  await Promise.all([server.stop(), load.stop(), blocks.stop(), bare.stop()]);
  const what = "bare TCP server, as many bytes in as many blocks";
  const words = wordsOf(2, server.ready.columns, own.last());
  return result("profile-rows-memory", value, "rows/s", { what, value: reference }, words);
}

const sampleEveryMs = 100;

/** The most that a reading adds to the resident memory, of very many rows beside a tenth of them. */
async function memoryOfMany(path: string): Promise<BenchResult> {
  const [tenth, whole] = [await growth(`${path}.tenth`, manyRows / 10), await growth(path, manyRows)];
  const what = "100,000 rows; 1 is flat";
  const note = `${manyRows} rows of all columns in ${whole.seconds.toFixed(1)} s, ${(whole.bytes / 1e6).toFixed(0)} MB`;
  return result("profile-memory-million-rows", whole.mebibytes, "MiB", { what, value: tenth.mebibytes }, note);
}

async function growth(path: string, count: number) {
  const server = await start({ path, rows: count, isRepeated: true });
  const load = startWorker("profile-load.js");
  const before = await server.usage();
  const read = load.ask<ProfileAnswer>(server.ready);
  const peak = await peakWhile(server, read);
  const { seconds, bytes } = await read;
  await Promise.all([server.stop(), load.stop()]);
  return { mebibytes: (peak - before.residentBytes) / 2 ** 20, seconds, bytes };
}

async function peakWhile(server: ServerProcess<unknown>, work: Promise<unknown>): Promise<number> {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  let peak = 0;
  while (!isDone) {
    peak = Math.max(peak, (await server.usage()).residentBytes);
    await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
  }
  return peak;
}
