import { appendFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { toHex } from "../../../cosem/index.js";
import type { AnswerNotice, SimulatedBus } from "../../simulator/index.js";
import { listenTcp, systemClock, type TcpServer } from "../../transport/index.js";
import { baudRateOption, portOption } from "../arguments.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { untilSignal } from "../run-until-signal.js";
import { createSimulation, meterSettingsOf } from "../simulated-buses.js";

const usage = `usage: cosem-gateway simulate [OPTIONS]

Serves the demo's three M-Bus buses with their 40 meters on TCP, as transparent converters do, on this machine.

  --ports A,B,C          a port for each bus (default 10001,10002,10003; 0 takes any free port)
  --baud RATE|none       pace of the wires: 300 to 38400, none: as fast as it goes (default 2400)
  --write-config FILE    write a settings file with which "cosem-gateway run" reads these meters
  --ledger FILE          append each answer of a meter, one line of JSON: time, bus, meter, telegram`;

export const command: Command = {
  usage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        ports: { type: "string", default: "10001,10002,10003" },
        baud: { type: "string", default: "2400" },
        "write-config": { type: "string" },
        ledger: { type: "string" },
      },
    });
    const { ledger } = values;
    const baudRate = baudRateOption(values.baud);
    const simulation = createSimulation({
      clock: systemClock,
      baudRate,
      ...(ledger === undefined ? {} : { onAnswer: (notice) => appendToLedger(ledger, notice) }),
    });
    const ports = values.ports.split(",").map((port) => portOption("ports", port));
    if (ports.length !== simulation.length) throw new WrongUse(`--ports wants ${simulation.length} ports`);
    const servers = await Promise.all(simulation.map((bus, index) => serve(bus, ports[index] ?? 0)));
    if (values["write-config"] !== undefined) writeConfig(values["write-config"], simulation, servers, baudRate);
    for (const [index, bus] of simulation.entries()) {
      process.stdout.write(`${bus.name}: ${bus.meters.length} meters on 127.0.0.1:${servers[index]?.port}\n`);
    }
    await untilSignal();
    await Promise.all(simulation.map((bus) => bus.stop()));
    await Promise.all(servers.map((server) => server.close()));
    return 0;
  },
};

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
  writeFileSync(path, stringify({ readout, interfaces, meters: meterSettingsOf(simulation) }));
}
