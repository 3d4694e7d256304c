import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { toHex } from "../../../cosem/index.js";
import type { ByteChannel } from "../../ports/index.js";
import {
  type AnswerNotice,
  checkFaultNames,
  type DemoBus,
  demoBuses,
  type Fault,
  readFaultScript,
  type SimulatedBus,
} from "../../simulator/index.js";
import { listenTcp, openPty, openSerial, systemClock, type TcpServer } from "../../transport/index.js";
import { baudRateOption, numberOption, portOption } from "../arguments.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { untilSignal } from "../run-until-signal.js";
import { createSimulation, generatedBuses, meterSettingsOf } from "../simulated-buses.js";
import { type ServedReceiver, serveReceivers, wirelessSettingsOf } from "../simulated-receivers.js";

const usage = `usage: cosem-gateway simulate [OPTIONS]

Serves the demo's three M-Bus buses with their 40 meters on TCP, as transparent converters do, on this machine.

  --ports A,B,C          a port for each bus (default 10001,10002,10003; 0 takes any free port)
  --meters N             instead of the demo: a bus of N meters for each port (default one, 10001); 23 have all media
  --seed NUMBER          draws the meters of --meters and the chance of the faults (default 1)
  --faults FILE          a script (YAML or JSON) of what goes wrong when; see docs/simulator.md
  --serial A,B,C         serial devices for the buses, beside TCP, 8E1
  --pty A,B,C            links to pseudo terminals for the buses, beside TCP (needs socat)
  --receiver TYPE:PORT   a radio receiver (im871a, culfw or rtlWmbus) on TCP, with six wireless meters in the air, most
                         of them encrypted; may be given more than once
  --baud RATE|none       pace of the wires: 300 to 38400, none: as fast as it goes (default 2400)
  --write-config FILE    write a settings file with which "cosem-gateway run" reads these meters
  --ledger FILE          append each answer of a meter, one line of JSON: time, bus, meter, telegram`;

export const command: Command = {
  usage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        ports: { type: "string" },
        meters: { type: "string" },
        seed: { type: "string", default: "1" },
        faults: { type: "string" },
        serial: { type: "string" },
        pty: { type: "string" },
        receiver: { type: "string", multiple: true, default: [] },
        baud: { type: "string", default: "2400" },
        "write-config": { type: "string" },
        ledger: { type: "string" },
      },
    });
    const { ledger } = values;
    const baudRate = baudRateOption(values.baud);
    const seed = numberOption("seed", values.seed, 0, 0x7fffffff);
    const meterCount = values.meters === undefined ? undefined : numberOption("meters", values.meters, 1, 10_000);
    const defaultPorts = meterCount === undefined ? "10001,10002,10003" : "10001";
    const ports = (values.ports ?? defaultPorts).split(",").map((port) => portOption("ports", port));
    const plan = meterCount === undefined ? demoBuses() : generatedBuses(ports.length, meterCount, seed);
    const simulation = createSimulation({
      clock: systemClock,
      baudRate,
      seed,
      script: values.faults === undefined ? [] : readScript(values.faults, plan),
      plan,
      ...(ledger === undefined ? {} : { onAnswer: (notice) => appendToLedger(ledger, notice) }),
    });
    if (ports.length !== simulation.length) throw new WrongUse(`--ports wants ${simulation.length} ports`);
    const servers = await Promise.all(simulation.map((bus, index) => serve(bus, ports[index] ?? 0)));
    const lineRate = baudRate ?? 38_400;
    await attachEach("serial", values.serial, simulation, (path) => openSerial({ path, baudRate: lineRate }));
    await attachEach("pty", values.pty, simulation, openPty);
    const air = await serveReceivers(values.receiver, systemClock);
    if (values["write-config"] !== undefined)
      writeConfig(values["write-config"], simulation, servers, air.served, baudRate);
    for (const [index, bus] of simulation.entries()) {
      process.stdout.write(`${bus.name}: ${bus.meters.length} meters on 127.0.0.1:${servers[index]?.port}\n`);
    }
    for (const { type, server } of air.served) process.stdout.write(`receiver ${type} on 127.0.0.1:${server.port}\n`);
    await untilSignal();
    await Promise.all([...simulation, air].map((part) => part.stop()));
    await Promise.all(servers.map((server) => server.close()));
    return 0;
  },
};

/** @throws CommandFailed when the file cannot be read or is no script for these buses */
function readScript(path: string, plan: readonly DemoBus[]): readonly Fault[] {
  try {
    const script = readFaultScript(parse(readFileSync(path, "utf8")));
    checkFaultNames(script, plan);
    return script;
  } catch (error) {
    throw new CommandFailed(`${path}: ${(error as Error).message}`);
  }
}

/** Puts the first bus on the first line, the second on the second … */
async function attachEach(
  option: string,
  list: string | undefined,
  simulation: readonly SimulatedBus[],
  open: (path: string) => Promise<ByteChannel>,
): Promise<void> {
  const paths = list === undefined || list === "" ? [] : list.split(",");
  if (paths.length > simulation.length) throw new WrongUse(`--${option} names more lines than there are buses`);
  for (const [index, path] of paths.entries()) {
    const bus = simulation[index];
    if (bus === undefined) continue;
    try {
      bus.attach(await open(path));
    } catch (error) {
      throw new CommandFailed((error as Error).message);
    }
    process.stdout.write(`${bus.name}: ${bus.meters.length} meters on ${path}\n`);
  }
}

async function serve(bus: SimulatedBus, port: number): Promise<TcpServer> {
  try {
    return await listenTcp({ host: "127.0.0.1", port, maxConnections: 4, accept: (channel) => bus.attach(channel) });
  } catch (error) {
    throw new CommandFailed(`${(error as Error).message}; give other ports with --ports`);
  }
}

/** Written before the answer goes out: what a master has heard is in the ledger. */
function appendToLedger(path: string, { atMs, bus, meter, telegram }: AnswerNotice): void {
  appendFileSync(
    path,
    `${JSON.stringify({ at: new Date(atMs).toISOString(), bus, meter, telegram: toHex(telegram) })}\n`,
  );
}

function writeConfig(
  path: string,
  simulation: readonly SimulatedBus[],
  servers: readonly TcpServer[],
  air: readonly ServedReceiver[],
  baudRate: number | undefined,
): void {
  const interfaces = simulation.map(({ name }, index) => ({
    name,
    kind: "tcp",
    host: "127.0.0.1",
    port: servers[index]?.port,
    baudRate: baudRate ?? 38_400,
  }));
  // Virtual meters need no rest between requests.
  const readout = { schedule: "* * * * *", initialisationIdleMs: 0, requestIdleMs: 0, multiTelegram: "auto" };
  const { meters, ...wireless } = wirelessSettingsOf(air, systemClock);
  writeFileSync(
    path,
    stringify({ readout, interfaces, ...wireless, meters: [...meterSettingsOf(simulation), ...meters] }),
  );
}
