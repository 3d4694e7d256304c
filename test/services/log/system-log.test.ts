/** The system log: texts, flood guard with its arithmetic, queue, CSV, what is not lost. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createInternalReader, type Principal } from "../../../cosem/index.js";
import type { LogRow, LogRowQuery, LogStore } from "../../../src/ports/index.js";
import {
  createLogService,
  logTexts,
  SystemLog,
  type SystemLogParts,
  textIdOf,
} from "../../../src/services/log/index.js";
import { manualClock } from "../../support/manual-clock.js";
import { repositoryRoot } from "../../support/repository.js";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const viewer: Principal = { association: createInternalReader("rest:viewer"), user: "eva", door: "rest", peer: "x" };
const stopped: SystemLog[] = [];

afterEach(async () => {
  for (const log of stopped.splice(0)) await log.stop();
});

/** Keeps rows in memory; refuses while `isFull`. */
function memoryStore() {
  const rows: LogRow[] = [];
  const state = { isFull: false };
  const store: LogStore = {
    async appendLog(added) {
      if (state.isFull) throw new Error("disk full");
      const first = rows.length + 1;
      rows.push(...added.map((row, index) => ({ ...row, id: first + index })));
      return first;
    },
    logRows: async ({ afterId, beforeId, cosemLog, limit, severities, meterId }: LogRowQuery) => {
      const fitting = rows.filter(
        (row) =>
          row.id > (afterId ?? 0) &&
          row.id < (beforeId ?? Number.POSITIVE_INFINITY) &&
          (cosemLog === undefined || row.cosemLog === cosemLog) &&
          (meterId === undefined || row.meterId === (meterId ?? undefined)) &&
          (severities === undefined || severities.includes(row.severity)),
      );
      return (afterId === undefined ? fitting.reverse() : fitting).slice(0, limit);
    },
    pruneLog: async () => 0,
    logFigures: async () => ({ entries: rows.length, bytes: 0 }),
  };
  return { rows, state, store };
}

function makeLog(more: Partial<SystemLogParts> = {}) {
  const clock = manualClock();
  const log = new SystemLog({
    clock,
    console: silent,
    minimumSeverity: 0,
    floodSeconds: 60,
    maxMegabytes: 100,
    keepDays: 31,
    deviationAt: () => -60,
    ...more,
  });
  stopped.push(log);
  return { clock, log, ...memoryStore() };
}

describe("the system log", () => {
  it("takes up changed limits at once: least severity, guard, size and age", async () => {
    const pruned: unknown[] = [];
    const { clock, log, store, rows } = makeLog();
    const pruneLog = async (limits: unknown) => {
      pruned.push(limits);
      return 0;
    };
    await log.attach({ ...store, pruneLog });
    log.logger.debug("not kept");
    log.logger.warn("readout failed", { device: "A" });
    log.logger.warn("readout failed", { device: "A" });
    log.changeLimits({ minimumSeverity: -1, floodSeconds: 0, maxMegabytes: 1, keepDays: 2 });
    log.logger.debug("kept");
    log.logger.warn("readout failed", { device: "A" });
    log.logger.warn("readout failed", { device: "A" });
    log.changeLimits({ minimumSeverity: 3, floodSeconds: 0, maxMegabytes: 1, keepDays: 2 });
    log.logger.error("not kept either");
    await log.stop();
    // The first, what was held back of it, the debug line, and both without a guard.
    expect(rows.map(({ textId }) => textId)).toEqual([4304, 998, 999, 4304, 4304]);
    expect(pruned).toEqual([{ beforeMs: clock.now() - 2 * 86_400_000, maxBytes: 1_000_000 }]);
  });

  it("makes an entry of what a part tells its logger: text id, origin, parameters, zone", async () => {
    const { log, store, rows } = makeLog({ meterIdOf: ({ device }) => (device === "GWF1" ? 7 : undefined) });
    await log.attach(store);
    log.logger.warn("readout failed", { device: "GWF1", reason: "silent" });
    log.logger.error("never seen before", { bus: "b" });
    await log.stop();
    expect(
      rows.map(({ textId, origin, severity, meterId, deviationMinutes }) => [
        textId,
        origin,
        severity,
        meterId,
        deviationMinutes,
      ]),
    ).toEqual([
      [4304, "meter/GWF1", 1, 7, -60],
      [999, "system/b", 2, undefined, -60],
    ]);
    expect(JSON.parse(rows[1]?.parameters ?? "")).toEqual({ bus: "b", message: "never seen before" });
  });

  it("keeps nothing below the least severity, and debug with -1", async () => {
    for (const [minimumSeverity, kept] of [
      [-1, 4],
      [0, 3],
      [1, 2],
      [2, 1],
      [3, 0],
    ] as const) {
      const { log, store, rows } = makeLog({ minimumSeverity });
      await log.attach(store);
      log.logger.debug("stopped", { part: "a" });
      log.logger.info("meter named", { device: "a" });
      log.logger.warn("readout failed", { device: "a" });
      log.logger.error("job failed", { job: "a" });
      await log.stop();
      expect(rows).toHaveLength(kept);
    }
  });

  it("holds a flood back: of 150 in 150 s at one a second one, 59 summed up, and again", async () => {
    const { log, clock, store, rows } = makeLog();
    await log.attach(store);
    // At 0 s one goes through and holds until 60 s; those of 1 to 59 s are held: 59. That of 60 s is the first again.
    for (let second = 0; second < 150; second++) {
      log.logger.warn("readout failed", { device: "GWF1" });
      if (second % 50 === 0) log.logger.warn("readout failed", { device: "GWF2" });
      await clock.advance(1000);
    }
    await clock.advance(60_000);
    await log.stop();
    const of = (device: string) => rows.filter(({ origin }) => origin === `meter/${device}`);
    const told = of("GWF1").map(({ textId, parameters }) => (textId === 998 ? JSON.parse(parameters).count : "entry"));
    expect(told).toEqual(["entry", 59, "entry", 59, "entry", 29]);
    // Nothing is lost: 3 entries and 147 counted are the 150.
    const counted = told.reduce((sum: number, each) => sum + (each === "entry" ? 1 : each), 0);
    expect(counted).toBe(150);
    // The other origin has its own hold: 0 s; 50 s held; 100 s.
    expect(of("GWF2").map(({ textId }) => textId)).toEqual([4304, 998, 4304]);
    expect(rows.find(({ textId }) => textId === 998)?.severity).toBe(1);
  });

  it("sums up what it still holds when it stops", async () => {
    const { log, store, rows } = makeLog();
    await log.attach(store);
    for (let count = 0; count < 10; count++) log.logger.warn("bus lost", { bus: "one" });
    await log.stop();
    expect(rows.map(({ textId }) => textId)).toEqual([4401, 998]);
    expect(JSON.parse(rows[1]?.parameters ?? "")).toMatchObject({ count: 9, text: "bus lost" });
  });

  it("loses nothing silently: while the disk is full entries wait, past 10,000 they are counted", async () => {
    const { log, clock, store, rows, state } = makeLog({ floodSeconds: 0 });
    await log.attach(store);
    state.isFull = true;
    for (let count = 0; count < 10_500; count++) log.logger.warn("readout failed", { device: `GWF${count}` });
    await clock.advance(200);
    await new Promise((resolve) => setImmediate(resolve));
    expect(rows).toHaveLength(0);
    state.isFull = false;
    await log.stop();
    const lost = rows.filter(({ textId }) => textId === 997).map(({ parameters }) => JSON.parse(parameters).count);
    expect(lost).toEqual([500]);
    expect(rows).toHaveLength(10_001);
  });

  it("shows events of the gateway with codes after a restart, security in the fraud log", async () => {
    const { log, store, rows } = makeLog();
    await log.attach(store);
    log.record({ textId: 1000, severity: 0, parameters: { version: "1.2.3" } });
    log.logger.warn("connection ended: too many requests at once", { peer: "10.0.0.9:5000" });
    log.logger.info("meter named", { device: "GWF1" });
    await log.stop();
    expect(rows).toHaveLength(3);
    const again = makeLog().log;
    await again.attach(store);
    expect(again.events(1).map(({ code, message }) => [code, message])).toEqual([
      [1000, "gateway started, version 1.2.3"],
    ]);
    expect(again.events(2).map(({ code }) => code)).toEqual([2009]);
    expect(rows[1]?.origin).toBe("security/10.0.0.9");
  });

  it("exports CSV that another program reads, no formula in it", async () => {
    const { log, store } = makeLog();
    await log.attach(store);
    const message = '=cmd("a"), "quoted"\nsecond line; café';
    log.logger.warn(message, {});
    for (let count = 0; count < 1200; count++) log.logger.info("meter named", { device: `GWF${count}` });
    await log.stop();
    const csv = createLogService(store).csv(viewer, {});
    if (!csv.ok) throw new Error(csv.refusal.message);
    let text = "";
    for await (const piece of csv.value) text += piece;
    const folder = mkdtempSync(join(tmpdir(), "log-"));
    try {
      const path = join(folder, "log.csv");
      writeFileSync(path, text);
      const program =
        "import csv,json,sys;print(json.dumps(list(csv.DictReader(open(sys.argv[1],newline='',encoding='utf-8-sig')))))";
      const rows = JSON.parse(
        execFileSync("python3", ["-c", program, path], { encoding: "utf8", maxBuffer: 1e8 }),
      ) as Record<string, string>[];
      expect(rows).toHaveLength(1201);
      expect(rows[0]).toMatchObject({ severity: "warning", origin: "system", textId: "999", text: `'${message}` });
      expect(rows[1]?.["time"]).toMatch(/\+01:00$/);
      expect(rows[1200]?.["text"]).toBe("meter named (device GWF1199)");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("tells nothing to who may not", async () => {
    const { store } = memoryStore();
    const service = createLogService(store);
    const outsider = { ...viewer, association: createInternalReader("public") };
    expect((await service.page(outsider, { limit: 1 })).ok).toBe(false);
    expect(service.csv(outsider, {}).ok).toBe(false);
  });
});

describe("the table of texts", () => {
  it("gives each text one id", () => {
    const words = [...logTexts.values()].map(({ text }) => text);
    expect(new Set(words).size).toBe(words.length);
  });

  it("knows what the older parts tell their loggers", () => {
    // Parts whose texts are settled; a new message wants a row in src/services/log/texts.ts.
    const folders = ["src/views/dlms", "src/views/modbus", "src/transport"];
    const unknown = folders
      .flatMap((folder) =>
        readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".ts"))
          .map((name) => readFileSync(join(join(repositoryRoot, folder), name), "utf8")),
      )
      .flatMap((source) => [...source.matchAll(/logger\.(?:debug|info|warn|error)\(\s*"([^"]+)"/g)])
      .map(([, message = ""]) => message)
      .filter((message) => textIdOf(message) === undefined);
    expect(unknown).toEqual([]);
  });
});
