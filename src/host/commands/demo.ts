import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { formatProblems, loadSettings, type Settings } from "../../settings/index.js";
import { systemClock } from "../../transport/index.js";
import { baudRateOption, portOption } from "../arguments.js";
import type { Command } from "../command.js";
import { CommandFailed } from "../command.js";
import { openDataDirectory } from "../data-directory.js";
import { type Gateway, startGateway } from "../gateway/index.js";
import { createLogger } from "../logger.js";
import { untilSignal } from "../run-until-signal.js";
import { settingsChecks } from "../settings-checks.js";
import { createSimulation, loopbackBuses, meterSettingsOf } from "../simulated-buses.js";
import { packageVersion } from "../version.js";

const usage = `usage: cosem-gateway demo [OPTIONS]

Reads 40 simulated meters on three buses each minute and serves them to anyone on this machine.

  --data DIR            keep the data in DIR; without it a folder that is removed at the end
  --baud RATE|none      pace of the simulated wires: 300 to 38400, none: as fast as it goes (default 2400)
  --schedule PATTERN    when the meters are read, after a first time at once (default "* * * * *")
  --report URL          deliver a CSV report after each readout: http://… or ftp://user:password@host:port/folder;
                        may be given more than once
  --web-port N          default 8080
  --dlms-port N         default 4059
  --modbus-port N       default 1502; 0 takes any free port, here and above
  --log LEVEL           debug, info, warn, error: log lines on stderr (default warn)`;

interface DemoOptions {
  readonly baudRate: number | undefined;
  readonly schedule: string;
  readonly reports: readonly string[];
  readonly ports: { readonly web: number; readonly dlms: number; readonly modbus: number };
  readonly password: string;
}

export const command: Command = {
  usage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        data: { type: "string" },
        baud: { type: "string", default: "2400" },
        schedule: { type: "string", default: "* * * * *" },
        report: { type: "string", multiple: true, default: [] },
        "web-port": { type: "string", default: "8080" },
        "dlms-port": { type: "string", default: "4059" },
        "modbus-port": { type: "string", default: "1502" },
        log: { type: "string", default: "warn" },
      },
    });
    const options: DemoOptions = {
      baudRate: baudRateOption(values.baud),
      schedule: values.schedule,
      reports: values.report,
      ports: {
        web: portOption("web-port", values["web-port"]),
        dlms: portOption("dlms-port", values["dlms-port"]),
        modbus: portOption("modbus-port", values["modbus-port"]),
      },
      password: drawnPassword(),
    };
    // Before there is anything to remove: a signal during the start stops in order too.
    const stopAsked = untilSignal();
    const folder = values.data ?? mkdtempSync(join(tmpdir(), "cosem-gateway-demo-"));
    try {
      await runDemo(options, folder, values.data === undefined, values.log, stopAsked);
    } finally {
      if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
    }
    return 0;
  },
};

async function runDemo(
  options: DemoOptions,
  folder: string,
  isThrowAway: boolean,
  logLevel: string,
  stopAsked: Promise<void>,
): Promise<void> {
  const simulation = createSimulation({ clock: systemClock, baudRate: options.baudRate });
  const data = await openDataDirectory(folder);
  try {
    const settings = demoSettings(
      options,
      meterSettingsOf(simulation),
      simulation.map((bus) => bus.name),
    );
    const gateway = await startGateway({
      settings,
      data,
      buses: loopbackBuses(simulation, options.baudRate),
      receivers: [],
      clock: systemClock,
      logger: createLogger(logLevel),
      publicClientReadsMeters: true,
      isWebOpen: true,
      notices: ["This is the demo: simulated meters, and anyone on this machine may read everything."],
    });
    gateway.readNow();
    process.stdout.write(greeting(gateway, options, { folder, isThrowAway, meterCount: settings.meters.length }));
    await stopAsked;
    await gateway.stop();
  } finally {
    await Promise.all(simulation.map((bus) => bus.stop()));
    await data.release();
  }
}

/** The demo is a gateway like any other: its settings go through the same file format and checks. */
function demoSettings(options: DemoOptions, meters: readonly unknown[], busNames: readonly string[]): Settings {
  const host = "127.0.0.1";
  const loaded = loadSettings(
    stringify({
      identity: { productName: "Demo gateway" },
      clock: { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      // The clocks of simulated meters run in UTC, wherever the demo runs.
      readout: { schedule: options.schedule, multiTelegram: "auto", meterClockLimitSeconds: 0 },
      // Placeholders that name the buses: the simulation opens them.
      interfaces: busNames.map((name) => ({ name, kind: "tcp", host, port: 1 })),
      meters,
      doors: {
        web: { host, port: options.ports.web },
        dlms: { host, port: options.ports.dlms, managementPassword: options.password },
        modbus: { enabled: true, host, port: options.ports.modbus },
      },
      reports: options.reports.map((url, index) => ({
        name: `demo ${index + 1}`,
        schedule: options.schedule,
        receivers: [receiverOf(url)],
        retryDelaySeconds: 5,
      })),
    }),
    "demo settings",
    settingsChecks,
  );
  if (!loaded.ok) throw new CommandFailed(formatProblems(loaded.problems));
  return loaded.settings;
}

function receiverOf(text: string): unknown {
  if (!URL.canParse(text)) throw new CommandFailed(`--report wants a URL, not "${text}"`);
  const url = new URL(text);
  if (url.protocol !== "ftp:") return { kind: "http", url: text };
  return {
    kind: "ftp",
    host: url.hostname,
    port: url.port === "" ? 21 : Number(url.port),
    ...(url.username === "" ? {} : { user: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.pathname.length > 1 ? { folder: decodeURIComponent(url.pathname.slice(1)) } : {}),
  };
}

/** No default password works, in the demo neither: each start draws its own. */
function drawnPassword(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString("hex");
}

function greeting(
  gateway: Gateway,
  options: DemoOptions,
  { folder, isThrowAway, meterCount }: { folder: string; isThrowAway: boolean; meterCount: number },
): string {
  const port = (name: string) => gateway.doors.find((door) => door.name === name)?.port ?? 0;
  const [web, dlms, modbus] = [port("web"), port("dlms"), port("modbus")];
  const pace = options.baudRate === undefined ? "unpaced" : `${options.baudRate} baud`;
  return `cosem-gateway ${packageVersion()} demo: ${meterCount} simulated meters on three M-Bus buses (${pace}), data in ${folder}${isThrowAway ? " (removed at the end)" : ""}
Anyone on this machine may read everything here without a password, DLMS client 16 too. A real gateway does not allow that.

  open  http://localhost:${web}/              meters with live values and history
        http://localhost:${web}/api/v1/docs   REST, to try in the page
  type  curl -s http://localhost:${web}/api/v1/meters
        npx cosem-gateway dlms list localhost:${dlms}
        npx cosem-gateway dlms list localhost:${dlms} --client 1 --password ${options.password}
        mbpoll -m tcp -p ${modbus} -a 1 -0 -r 4 -c 1 -t 4:float -B -1 127.0.0.1
  end   Ctrl-C
`;
}
