import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultMasterSettings, formatSecondaryAddress, type MasterSettings } from "../../src/mbus/index.js";
import type { ByteChannel } from "../../src/ports/index.js";
import { createReadout, type MeterOutcome, type Readout } from "../../src/readout/index.js";
import {
  createSimulatedBus,
  createSimulatedMeter,
  Faults,
  readFaultScript,
  type SimulatedBus,
  type SimulatedMeterSpec,
} from "../../src/simulator/index.js";
import { connectRfc2217, openSerial, systemClock, withoutEcho } from "../../src/transport/index.js";
import { keepingLogger } from "../support/silent-logger.js";

/** A pair of pseudo terminals held by socat: the gateway's end and the bus's end. */
let folder: string;
let ends: { readonly gateway: string; readonly bus: string };
const children: ChildProcess[] = [];
const stops: (() => Promise<void>)[] = [];
const baudRate = 9600;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "serial-readout-"));
  ends = { gateway: join(folder, "gateway"), bus: join(folder, "bus") };
  children.push(
    spawn("socat", [`pty,raw,echo=0,link=${ends.gateway}`, `pty,raw,echo=0,link=${ends.bus}`], { stdio: "ignore" }),
  );
  while (!existsSync(ends.gateway) || !existsSync(ends.bus)) await new Promise((resolve) => setTimeout(resolve, 10));
});

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  for (const child of children.splice(0).reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill();
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

const meters: readonly SimulatedMeterSpec[] = (
  [
    ["gwfMtk", "00182007"],
    ["padpuls3", "01030101"],
    ["elsterGas", "12345681"],
    ["multical601", "06855817"],
  ] as const
).map(([telegram, identification], index) => ({
  name: `${telegram}-${identification}`,
  telegrams: index === 1 ? [telegram, telegram] : [telegram],
  identification,
  primaryAddress: index + 1,
  seed: index,
}));

/** The bus on its end of the line, its bytes coming at the pace of the wire. */
async function busOnLine(faults: readonly object[] = []): Promise<SimulatedBus> {
  const script = readFaultScript({ faults });
  const bus = createSimulatedBus({
    name: "a",
    meters: meters.map((spec) => createSimulatedMeter(spec, systemClock)),
    clock: systemClock,
    baudRate,
    faults: new Faults({ script, clock: systemClock, seed: 3 }),
  });
  bus.attach(await openSerial({ path: ends.bus, baudRate }));
  stops.push(() => bus.stop());
  return bus;
}

function readoutOf(
  open: () => Promise<ByteChannel>,
  settings: Partial<MasterSettings> = {},
): { readonly readout: Readout; readonly outcomes: Map<number, MeterOutcome> } {
  const planned = meters.map((meter, index) => ({
    meterId: index + 1,
    busName: "a",
    target: { kind: "primary", address: meter.primaryAddress } as const,
  }));
  const outcomes = new Map<number, MeterOutcome>();
  const readout = createReadout({
    buses: [
      {
        name: "a",
        open,
        settings: {
          ...defaultMasterSettings,
          baudRate,
          responseTimeoutMs: 400,
          responseTimeout: "learned",
          line: "direct",
          pauseInFrameMs: 100,
          initIdleMs: 0,
          requestIdleMs: 0,
          collisionIdleMs: 50,
          multiTelegram: "auto",
          ...settings,
        },
      },
    ],
    plan: { metersOf: () => planned, find: (meterId) => planned.find((meter) => meter.meterId === meterId) },
    sink: { completed: () => undefined, failed: () => undefined },
    clock: systemClock,
    logger: keepingLogger(),
    onProgress: (event) => {
      if (event.kind === "meterFinished") outcomes.set(event.meterId, event.outcome);
    },
  });
  stops.push(() => readout.stop());
  return { readout, outcomes };
}

describe("a bus on a serial line, paced", () => {
  it("is read, all telegrams of each meter", async () => {
    await busOnLine();
    const { readout, outcomes } = readoutOf(() => openSerial({ path: ends.gateway, baudRate }));
    expect(await readout.readAll()).toMatchObject({ read: 4, failed: 0 });
    const second = outcomes.get(2);
    expect(second?.ok === true && second.readout.telegrams.length).toBe(2);
  });

  it("is searched", async () => {
    const bus = await busOnLine();
    const { readout } = readoutOf(() => openSerial({ path: ends.gateway, baudRate }));
    const report = await readout.search("a", { modes: ["secondary"] });
    const found = report?.found.map((meter) => formatSecondaryAddress(meter.secondaryAddress ?? new Uint8Array(8)));
    expect(found?.toSorted()).toEqual(
      bus.meters.map((meter) => formatSecondaryAddress(meter.secondaryAddress)).toSorted(),
    );
  });

  it("is read through bytes lost, doubled and flipped, and echo", async () => {
    await busOnLine([{ fault: "noise", rate: 0.004 }, { fault: "echo" }]);
    const { readout } = readoutOf(() => openSerial({ path: ends.gateway, baudRate }), { readoutRetries: 10 });
    for (let cycle = 0; cycle < 3; cycle++) expect(await readout.readAll()).toMatchObject({ read: 4, failed: 0 });
  });

  it("is read by an infrared head, whose echo is taken out", async () => {
    await busOnLine([{ fault: "echo" }]);
    const { readout } = readoutOf(async () => withoutEcho(await openSerial({ path: ends.gateway, baudRate })));
    expect(await readout.readAll()).toMatchObject({ read: 4, failed: 0 });
  });
});

describe("ser2net with RFC 2217", () => {
  it("sets the line, and the bus behind it is read", async () => {
    await busOnLine();
    const port = await freePort();
    const config = join(folder, "ser2net.yaml");
    const lines = [
      "connection: &bus",
      `  accepter: telnet(rfc2217),tcp,127.0.0.1,${port}`,
      `  connector: serialdev,${ends.gateway},300N81,local`,
    ];
    writeFileSync(config, `${lines.join("\n")}\n`);
    const path = `${process.env["PATH"] ?? ""}:/usr/sbin`;
    children.push(spawn("ser2net", ["-n", "-c", config], { stdio: "ignore", env: { ...process.env, PATH: path } }));
    const open = () => connectRfc2217({ host: "127.0.0.1", port, baudRate });
    const { readout } = readoutOf(open, { line: "network", pauseInFrameMs: 500 });
    let report = await readout.readAll();
    // It takes its time to listen.
    for (let tries = 0; tries < 20 && report.read === 0; tries++) report = await readout.readAll();
    expect(report).toMatchObject({ read: 4, failed: 0 });
    // The line itself was set: stty is a stranger to both of us.
    const stty = spawn("stty", ["-F", ends.gateway, "speed"], { stdio: ["ignore", "pipe", "ignore"] });
    let speed = "";
    stty.stdout.on("data", (bytes: Buffer) => {
      speed += bytes.toString();
    });
    await once(stty, "close");
    expect(speed.trim()).toBe("9600");
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
