/**
 * Cycles of `kill -9` with a full disk, clock jumps of two hours, a bus that goes away and a bus of noise; what was kept is
 * compared with the ledger of what the simulated meters answered. Needs root for a small file system, and Debian's
 * faketime.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { CuttingProxy } from "../support/cutting-proxy.js";
import type { SeenReading } from "../support/event-stream.js";
import type { Cleanup } from "../support/gateway-process.js";
import {
  faultsOf,
  killedAfter,
  loopbackDoors,
  readDatabase,
  readLedger,
  type Simulator,
  type Stored,
  seededRandom,
  startSimulator,
} from "./kill-run.js";

export type Trouble = "none" | "diskFull" | "clockForward" | "clockBack" | "busAway";
const troubles: readonly Trouble[] = ["none", "diskFull", "clockForward", "clockBack", "busAway"];

/** The bus whose bytes are lost, doubled and flipped. */
export const noisyBus = "building-c";
const diskBytes = 24 * 1024 * 1024;
/** The group commit's two seconds, and the longest readout of a meter of several telegrams. */
const graceMs = 2000 + 1500;

/** Of Debian's package, in the folder of this machine's architecture. */
function faketimeLibrary(): string {
  const found = readdirSync("/usr/lib")
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("libfaketime is not there; apt-get install faketime");
  return found;
}

export interface TortureResult {
  readonly faults: readonly string[];
  readonly cyclesOf: Readonly<Record<Trouble, number>>;
  readonly stored: Stored;
  readonly answers: number;
  /** Answers that had to be kept by the rules of this test. */
  readonly due: number;
}

export async function torture(cleanup: Cleanup, cycles: number, seed: number): Promise<TortureResult> {
  const random = seededRandom(seed);
  const folder = cleanup.folder();
  const faults = join(folder, "faults.yaml");
  writeFileSync(faults, stringify({ faults: [{ fault: "noise", bus: noisyBus, rate: 0.002 }] }));
  const direct = await startSimulator(cleanup, "38400", loopbackDoors(), ["--faults", faults]);
  const { simulator, proxies } = await behindProxies(cleanup, direct, folder);
  const disk = smallDisk(cleanup);
  const data = join(disk, "data");
  const stand: Stand = { cleanup, simulator, proxies, disk, data, offsetFile: join(folder, "offset"), random };

  const found: string[] = [];
  const seen: SeenReading[] = [];
  const disturbances: Disturbance[] = [];
  const cyclesOf: Record<Trouble, number> = { none: 0, diskFull: 0, clockForward: 0, clockBack: 0, busAway: 0 };
  for (let cycle = 0; cycle < cycles; cycle++) {
    const trouble = troubles[cycle % troubles.length] ?? "none";
    cyclesOf[trouble]++;
    const outcome = await oneCycle(stand, trouble);
    seen.push(...outcome.seen);
    disturbances.push(...outcome.disturbances);
    const faultsNow = faultsOf(readDatabase(data), readLedger(simulator.ledger), seen, noisyBus);
    found.push(...faultsNow.map((fault) => `cycle ${cycle} (${trouble}): ${fault}`));
    if (found.length > 0) break;
  }
  const stored = readDatabase(data);
  const { lost, due, answers } = lostAnswers(stored, simulator.ledger, disturbances);
  return { faults: [...found, ...lost], cyclesOf, stored, due, answers };
}

interface Stand {
  readonly cleanup: Cleanup;
  readonly simulator: Simulator;
  readonly proxies: readonly CuttingProxy[];
  readonly disk: string;
  readonly data: string;
  readonly offsetFile: string;
  random(): number;
}

/** Answers that end in this time need not be kept; on all buses, or on one. By the system's clock. */
interface Disturbance {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bus?: string | undefined;
}

async function oneCycle(stand: Stand, trouble: Trouble) {
  const { cleanup, simulator, data, offsetFile, random } = stand;
  const disturbances: Disturbance[] = [];
  writeFileSync(offsetFile, "+0");
  const environment = {
    LD_PRELOAD: faketimeLibrary(),
    FAKETIME_TIMESTAMP_FILE: offsetFile,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
  const delayMs = 300 + random() * 6500;
  const during = async () => {
    await sleep(random() * 1000);
    const fromMs = Date.now();
    switch (trouble) {
      case "none":
        return;
      case "clockForward":
      case "clockBack":
        writeFileSync(offsetFile, trouble === "clockBack" ? "-7200" : "+7200");
        return;
      case "diskFull":
        fill(stand.disk);
        await sleep(800);
        rmSync(join(stand.disk, "filler"), { force: true });
        break;
      case "busAway": {
        const [proxy] = stand.proxies;
        await proxy?.cut();
        await sleep(500);
        await proxy?.open();
        break;
      }
    }
    const bus = trouble === "busAway" ? "building-a" : undefined;
    disturbances.push({ fromMs: fromMs - graceMs, toMs: Date.now() + 100, bus });
  };
  const troubled = { environment, during };
  const seen = await killedAfter(cleanup, simulator, data, delayMs, troubled);
  const now = Date.now();
  rmSync(join(stand.disk, "filler"), { force: true });
  disturbances.push({ fromMs: now - graceMs, toMs: now + 1000 });
  return { seen, disturbances };
}

/** Leaves less than a page of the database. */
function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  const filler = join(disk, "filler");
  try {
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize)));
  } catch (error) {
    // The gateway wrote in between: full is full.
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

function smallDisk(cleanup: Cleanup): string {
  const disk = cleanup.folder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskBytes}`, "tmpfs", disk]);
  cleanup.after(() => execFileSync("umount", ["-l", disk]));
  return disk;
}

/** The same configuration with a proxy before each bus. */
async function behindProxies(cleanup: Cleanup, direct: Simulator, folder: string) {
  const settings = parse(readFileSync(direct.config, "utf8")) as { interfaces: { port: number }[] };
  const proxies: CuttingProxy[] = [];
  for (const bus of settings.interfaces) {
    const proxy = cleanup.add(new CuttingProxy(bus.port));
    await proxy.open();
    bus.port = proxy.port;
    proxies.push(proxy);
  }
  const config = join(folder, "tortured.yaml");
  writeFileSync(config, stringify(settings));
  return { simulator: { ...direct, config }, proxies };
}

interface Answer {
  readonly at: string;
  readonly bus: string;
  readonly meter: string;
  readonly telegram: string;
}

/** Answers that are not kept although nothing disturbed them. */
function lostAnswers(stored: Stored, ledger: string, disturbances: readonly Disturbance[]) {
  if (!existsSync(ledger)) throw new Error(`no ledger ${ledger}`);
  const kept = new Set(
    [...stored.meters.values()].flatMap(({ name, readings }) =>
      readings.flatMap(({ telegrams }) => telegrams.map((telegram) => `${name} ${telegram}`)),
    ),
  );
  const answers = readFileSync(ledger, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Answer);
  const isDue = ({ at, bus }: Answer) => {
    const atMs = Date.parse(at);
    if (bus === noisyBus) return false;
    return !disturbances.some(
      ({ fromMs, toMs, bus: only }) => atMs >= fromMs && atMs <= toMs && (only === undefined || only === bus),
    );
  };
  const due = answers.filter(isDue);
  const lost = due
    .filter(({ bus, meter, telegram }) => !kept.has(`${bus} ${meter.slice(meter.lastIndexOf("-") + 1)} ${telegram}`))
    .map(({ at, bus, meter }) => `${bus} ${meter}: what it answered at ${at} is lost`);
  return { lost, due: due.length, answers: answers.length };
}
