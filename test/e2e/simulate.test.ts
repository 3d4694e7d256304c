/** `cosem-gateway simulate` as a program: its buses, its fault script, the settings file that it writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { busesOf } from "../../src/host/buses.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { parseSecondaryAddress } from "../../src/mbus/index.js";
import { createReadout } from "../../src/readout/index.js";
import { formatProblems, loadSettings } from "../../src/settings/index.js";
import { systemClock } from "../../src/transport/index.js";
import { GatewayProcess, runCommand, when } from "../support/gateway-process.js";
import { recordingLogger } from "../support/recording-logger.js";

let folder: string;
const endings: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "simulate-"));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts it with four drawn meters on any free port, and reads all of them once by the settings it wrote. */
async function readAllOf(...words: readonly string[]) {
  const config = join(folder, "gateway.yaml");
  const ledger = join(folder, "ledger");
  const fixed = ["--meters", "4", "--ports", "0", "--seed", "3", "--baud", "none"];
  const simulator = new GatewayProcess(["simulate", ...fixed, "--write-config", config, "--ledger", ledger, ...words]);
  endings.push(() => simulator.stop());
  await simulator.until("its words", () => when(/bus-1: 4 meters on 127\.0\.0\.1:\d+\n/.test(simulator.stdout)));
  const loaded = loadSettings(readFileSync(config, "utf8"), config, settingsChecks);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const { interfaces, meters, readout: settings } = loaded.settings;
  const planned = meters.map(({ secondaryAddress = "" }, index) => ({
    meterId: index + 1,
    busName: "bus-1",
    target: { kind: "secondary", mask: parseSecondaryAddress(secondaryAddress) } as const,
  }));
  const failed: (readonly [number, string])[] = [];
  const readout = createReadout({
    buses: busesOf(interfaces, {
      ...settings,
      responseTimeoutMs: 300,
      retries: 0,
      selectionRetries: 0,
      collisionIdleMs: 0,
    }),
    plan: { metersOf: () => planned, find: (meterId) => planned.find((meter) => meter.meterId === meterId) },
    sink: { completed: () => undefined, failed: (meterId, reason) => void failed.push([meterId, reason]) },
    clock: systemClock,
    logger: recordingLogger(),
  });
  endings.push(() => readout.stop());
  const report = await readout.readAll();
  const lines = readFileSync(ledger, "utf8").trim().split("\n");
  return { report, failed, lines, meters };
}

describe("simulate", { timeout: 60_000 }, () => {
  it("serves meters that the settings it wrote read, and keeps a ledger of their answers", async () => {
    const { report, lines } = await readAllOf();
    expect(report).toMatchObject({ read: 4, failed: 0 });
    expect(new Set(lines.map((line) => (JSON.parse(line) as { meter: string }).meter)).size).toBe(4);
  });

  it("lets go wrong what its script says, and nothing else", async () => {
    const script = join(folder, "faults.yaml");
    writeFileSync(script, "faults:\n  - { fault: applicationError, code: 2, count: 1 }\n");
    const { report, failed } = await readAllOf("--faults", script);
    expect(report).toMatchObject({ read: 3, failed: 1 });
    expect(failed).toEqual([[1, "applicationError"]]);
  });

  it.each([
    ["faults:\n  - { fault: thunder }\n", /faults\[0\]\.fault: wants one of silent, slow/],
    ["- silent\n", /wants one key, faults, with a list/],
  ])("refuses the script %j in one line", async (text, words) => {
    const script = join(folder, "faults.yaml");
    writeFileSync(script, text);
    const outcome = await runCommand(["simulate", "--ports", "0,0,0", "--faults", script]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr.trim().split("\n")).toHaveLength(1);
    expect(outcome.stderr).toMatch(words);
  });

  it("refuses more lines than it has buses", async () => {
    const outcome = await runCommand(["simulate", "--meters", "1", "--ports", "0", "--pty", "/nowhere/a,/nowhere/b"]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain("--pty names more lines than there are buses");
  });
});
