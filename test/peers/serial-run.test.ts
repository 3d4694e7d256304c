/** `run` on a serial line: a pair of pseudo terminals by socat, whose far end socat carries to a simulated bus. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { CosemObjectDetail, MeterList } from "../../src/views/rest/contract.js";
import { faultsOf, loopbackDoors, readDatabase, readLedger, startSimulator } from "../e2e/kill-run.js";
import { openDlms } from "../support/dlms-session.js";
import { Cleanup, fetchAsOwner, startRun, until, when } from "../support/gateway-process.js";

const baudRate = 38_400;
const password = "opensesame";
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Config {
  interfaces: { name: string; kind: string; port: number }[];
  meters: { interface: string }[];
}

/** A pseudo terminal that is joined to a TCP port; socat links it where `path` says. */
async function serialLineTo(port: number, path: string): Promise<void> {
  const socat: ChildProcess = spawn("socat", [`pty,raw,echo=0,link=${path}`, `tcp:127.0.0.1:${port}`], {
    stdio: "ignore",
  });
  cleanup.after(async () => {
    if (socat.exitCode !== null || socat.signalCode !== null) return;
    socat.kill();
    await once(socat, "exit");
  });
  await until("the serial line", () => when(existsSync(path)));
}

it.each([
  { kind: "serial", rts: "leave", isEchoed: false },
  // A converter fed from its port; a pseudo terminal has no RTS, and is opened all the same.
  { kind: "serial", rts: "on", isEchoed: false },
  // An infrared head gives back what it sends.
  { kind: "ir", rts: undefined, isEchoed: true },
])(
  "reads meters on a line of kind $kind, rts $rts, and shows them over REST and DLMS",
  async (line) => {
    const { kind, rts, isEchoed } = line;
    const folder = cleanup.folder();
    const faults = join(folder, "faults.yaml");
    writeFileSync(faults, stringify({ faults: isEchoed ? [{ fault: "echo", bus: "building-a" }] : [] }));
    const simulator = await startSimulator(cleanup, String(baudRate), "", ["--faults", faults]);
    const config = parse(readFileSync(simulator.config, "utf8")) as Config;
    const [bus] = config.interfaces;
    if (bus === undefined) throw new Error("the simulator wrote no interface");
    const path = join(folder, "ttyBus");
    await serialLineTo(bus.port, path);
    const settings = {
      ...config,
      interfaces: [{ name: bus.name, kind, path, baudRate, ...(rts === undefined ? {} : { rts }) }],
      meters: config.meters.filter((meter) => meter.interface === bus.name),
    };
    const file = join(folder, "serial.yaml");
    writeFileSync(file, `${stringify(settings)}${loopbackDoors(`, managementPassword: ${password}`)}`);
    const data = join(folder, "data");

    const gateway = await cleanup.gateway(startRun(["--config", file, "--data", data, "--read-now"]));
    const { process: run, origin, doors } = gateway;
    await run.until("a cycle", () => when(run.logged("readout cycle ended") !== undefined), 60_000);
    expect(run.logged("readout cycle ended")).toMatchObject({ read: settings.meters.length, failed: 0, skipped: 0 });
    const { meters } = (await (await fetchAsOwner(`${origin}/api/v1/meters?limit=500`)).json()) as MeterList;
    expect(meters.map(({ lastReadout, interfaceName }) => [lastReadout?.ok, interfaceName])).toEqual(
      settings.meters.map(() => [true, bus.name]),
    );

    const [first] = meters;
    const answer = await fetchAsOwner(`${origin}/api/v1/objects/${first?.device}/1-0:1.8.1*255`);
    const { value } = (await answer.json()) as CosemObjectDetail;
    expect(value).toMatchObject({ unit: "Wh", status: "ok" });
    const session = await openDlms(doors.dlms, first?.sap ?? 0, { sap: 1, password });
    expect(await session.get(4, "1-0:1.8.1*255", 2)).toMatchObject({ value: value?.raw });
    await session.close();

    expect((await run.stop()).code).toBe(0);
    expect(faultsOf(readDatabase(data), readLedger(simulator.ledger), [])).toEqual([]);
  },
  120_000,
);
