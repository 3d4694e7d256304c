import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openDlms } from "../support/dlms-session.js";
import { listenToReadings } from "../support/event-stream.js";
import {
  Cleanup,
  GatewayProcess,
  type RunningGateway,
  runCommand,
  startDemo,
  startRun,
  until,
  when,
} from "../support/gateway-process.js";
import { faultsOf, loopbackDoors, readDatabase, readLedger, startSimulator } from "./kill-run.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Sends, keeps the connection open and reads what comes. */
function openSocket(port: number, hex: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.write(Buffer.from(hex, "hex"));
      resolve(socket);
    });
    socket.resume();
    socket.on("error", reject);
    cleanup.after(() => socket.destroy());
  });
}

/** An association, half a frame, a master between two requests, half a request, an idle connection of a browser. */
async function openClients({ doors, origin }: RunningGateway): Promise<void> {
  const dlms = await openDlms(doors.dlms, 1);
  cleanup.after(() => dlms.close());
  await openSocket(doors.dlms, "000100100001");
  await openSocket(doors.modbus, "000100000006010300000004");
  await openSocket(doors.modbus, "0001000000");
  await openSocket(doors.web, Buffer.from("GET /api/v1/meters HTTP/1.1\r\nHo").toString("hex"));
  const agent = new Agent({ keepAlive: true });
  cleanup.after(() => agent.destroy());
  await new Promise<void>((resolve, reject) => {
    const request = get(`${origin}/api/v1/health`, { agent }, (response) => response.resume().once("end", resolve));
    request.once("error", reject);
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function expectStopped(gateway: RunningGateway, signal: "SIGINT" | "SIGTERM"): Promise<void> {
  const before = performance.now();
  gateway.process.signal(signal);
  expect(await gateway.process.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - before).toBeLessThan(2000);
  for (const port of Object.values(gateway.doors)) expect(await isOpen(port)).toBe(false);
}

describe("stopping", { timeout: 60_000 }, () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends in order within 2 s at %s in the midst of a readout, with clients on every door",
    async (signal) => {
      const simulator = await startSimulator(cleanup, "9600", loopbackDoors());
      const data = join(cleanup.folder(), "data");
      const gateway = await cleanup.gateway(startRun(["--config", simulator.config, "--data", data, "--read-now"]));
      const listener = await listenToReadings(gateway.origin);
      cleanup.add(listener);
      await openClients(gateway);
      await gateway.process.until("some readings", () => when(listener.seen.length >= 5));
      expect(gateway.process.logged("readout cycle ended")).toBeUndefined();

      await expectStopped(gateway, signal);
      await listener.ended;
      const stored = readDatabase(data);
      expect(faultsOf(stored, readLedger(simulator.ledger), listener.seen)).toEqual([]);
      expect(gateway.process.log().filter(({ level }) => level >= 50)).toEqual([]);
    },
  );

  it("removes the demo's throw-away folder", async () => {
    const gateway = await cleanup.gateway(startDemo(["--baud", "2400"]));
    const folder = /data in (\S+) \(removed at the end\)/.exec(gateway.process.stdout)?.[1] ?? "";
    expect(existsSync(join(folder, "gateway.sqlite"))).toBe(true);
    await openClients(gateway);
    await expectStopped(gateway, "SIGINT");
    expect(existsSync(folder)).toBe(false);
  });

  it("stops in order when it is told to while it starts", async () => {
    const temporary = cleanup.folder();
    const words = ["demo", "--web-port", "0", "--dlms-port", "0", "--modbus-port", "0"];
    const demo = cleanup.add(new GatewayProcess(words, { TMPDIR: temporary }));
    await demo.until("the throw-away folder", () => when(readdirSync(temporary).length > 0));
    demo.signal("SIGINT");
    expect(await demo.exited).toEqual({ code: 0, signal: null });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("keeps the demo's data where --data names a folder", async () => {
    const folder = cleanup.folder();
    const gateway = await cleanup.gateway(startDemo(["--data", folder]));
    await gateway.process.until("a cycle", () => when(gateway.process.logged("readout cycle ended") !== undefined));
    await expectStopped(gateway, "SIGTERM");
    const stored = readDatabase(folder);
    expect(stored.integrity).toBe("ok");
    expect([...stored.meters.values()].every(({ readings }) => readings.length > 0)).toBe(true);
  });
});

describe("what cannot be started", { timeout: 60_000 }, () => {
  const line = (stderr: string) => stderr.split("\n").filter((text) => text !== "" && !text.startsWith("{"));

  it("refuses a data directory that another gateway holds", async () => {
    const folder = cleanup.folder();
    const config = join(folder, "config.yaml");
    writeFileSync(config, loopbackDoors());
    const words = ["--config", config, "--data", join(folder, "data")];
    const first = await cleanup.gateway(startRun(words));
    const second = await runCommand(["run", ...words]);
    expect(second.code).toBe(1);
    expect(line(second.stderr)).toEqual([
      `cosem-gateway run: another gateway is running on ${join(folder, "data")}; stop it, or give another folder with --data`,
    ]);
    expect(first.process.exit).toBeUndefined();
    // A killed gateway holds nothing.
    first.process.signal("SIGKILL");
    await first.process.exited;
    const third = await cleanup.gateway(startRun(words));
    expect((await third.process.stop()).code).toBe(0);
  });

  it.each(["web", "dlms", "modbus"])("says which port of the %s door is in use, and what to do", async (door) => {
    const folder = cleanup.folder();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    cleanup.after(() => taken.close());
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : 0;
    const config = join(folder, "config.yaml");
    const ports = { web: 0, dlms: 0, modbus: 0, [door]: port };
    writeFileSync(
      config,
      `doors:
  web: { port: ${ports.web} }
  dlms: { host: 127.0.0.1, port: ${ports.dlms} }
  modbus: { enabled: true, host: 127.0.0.1, port: ${ports.modbus} }
`,
    );
    const outcome = await runCommand(["run", "--config", config, "--data", join(folder, "data")]);
    expect(outcome.code).toBe(1);
    expect(line(outcome.stderr)).toEqual([
      `cosem-gateway run: cannot open the ${door} door on 127.0.0.1:${port}: ` +
        `another program has that port; end it, or set doors.${door}.port`,
    ]);
    await until("the doors opened before it to close", async () => when(await allClosed(outcome.stderr)));
  });

  async function allClosed(stderr: string): Promise<boolean> {
    const opened = [...stderr.matchAll(/"port":(\d+),"msg":"door opened"/g)].map((match) => Number(match[1]));
    const states = await Promise.all(opened.map(isOpen));
    return !states.includes(true);
  }
});
