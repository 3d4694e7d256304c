/** `cosem-gateway simulate --pty`: a bus behind a pseudo terminal that socat holds, read as a serial line. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { defaultMasterSettings } from "../../src/mbus/index.js";
import { createReadout } from "../../src/readout/index.js";
import { openSerial, systemClock } from "../../src/transport/index.js";
import { GatewayProcess, when } from "../support/gateway-process.js";
import { recordingLogger } from "../support/recording-logger.js";

let folder: string;
const endings: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "simulate-pty-"));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

it("serves its bus on a pseudo terminal, paced as a wire is", async () => {
  const path = join(folder, "bus");
  const words = ["simulate", "--meters", "2", "--ports", "0", "--baud", "9600", "--pty", path];
  const simulator = new GatewayProcess(words);
  endings.push(() => simulator.stop());
  await simulator.until("its words", () => when(simulator.stdout.includes(`bus-1: 2 meters on ${path}\n`)));
  const planned = [1, 2].map((address) => ({
    meterId: address,
    busName: "bus-1",
    target: { kind: "primary", address } as const,
  }));
  const settings = { ...defaultMasterSettings, baudRate: 9600, initIdleMs: 0, requestIdleMs: 0, pauseInFrameMs: 1000 };
  const readout = createReadout({
    buses: [{ name: "bus-1", settings, open: () => openSerial({ path, baudRate: 9600 }) }],
    plan: { metersOf: () => planned, find: (meterId) => planned.find((meter) => meter.meterId === meterId) },
    sink: { completed: () => undefined, failed: () => undefined },
    clock: systemClock,
    logger: recordingLogger(),
  });
  endings.push(() => readout.stop());
  expect(await readout.readAll()).toMatchObject({ read: 2, failed: 0 });
}, 60_000);
