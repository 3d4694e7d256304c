/** The whole gateway in this process, over the simulated buses of the demo, on free ports of 127.0.0.1. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { openDataDirectory } from "../../src/host/data-directory.js";
import { openSettingsVault } from "../../src/host/files/vault-text.js";
import { type Gateway, startGateway } from "../../src/host/gateway/index.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { openSettings } from "../../src/host/settings-keeper.js";
import { createSimulation, loopbackBuses, meterSettingsOf } from "../../src/host/simulated-buses.js";
import type { Clock } from "../../src/ports/index.js";
import { formatProblems, loadSettings } from "../../src/settings/index.js";
import { until, when } from "./gateway-process.js";
import { type LogLine, recordingLogger } from "./recording-logger.js";
import { systemClock } from "./system-clock.js";

export interface InProcessGateway {
  readonly gateway: Gateway;
  readonly dlmsPort: number;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly log: readonly LogLine[];
  readonly password: string;
  /** Waits until a readout cycle of all meters has ended. */
  readAll(): Promise<void>;
  stop(): Promise<void>;
}

export interface InProcessOptions {
  /** Readers need no login. Default true. */
  readonly isWebOpen?: boolean;
  /** The settings stand in `settings.yaml` of the folder, which is kept where it is there already. Default false. */
  readonly hasFile?: boolean;
  readonly clock?: Clock;
}

const password = "opensesame";
export const testSerial = "00000001";

/**
 * @param settings  beside what is needed: `profile`, `clock` …
 * @param dlms  beside what is needed under doors.dlms
 * @param folder  data directory; default: one of its own, removed at the end
 */
export async function startInProcess(
  settings: Readonly<Record<string, unknown>> = {},
  dlms: Readonly<Record<string, unknown>> = {},
  folder?: string,
  { isWebOpen = true, hasFile = false, clock = systemClock }: InProcessOptions = {},
): Promise<InProcessGateway> {
  const host = "127.0.0.1";
  const logger = recordingLogger();
  const simulation = createSimulation({ clock: systemClock, baudRate: undefined });
  const text = stringify({
    identity: { serial: testSerial },
    readout: { enabled: false, multiTelegram: "auto" },
    interfaces: simulation.map(({ name }) => ({ name, kind: "tcp", host, port: 1 })),
    meters: meterSettingsOf(simulation),
    search: { initialisationIdleMs: 0 },
    doors: {
      web: { host, port: 0 },
      dlms: { host, port: 0, managementPassword: password, ...dlms },
    },
    ...settings,
  });
  const loaded = loadSettings(text, "test settings", settingsChecks);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const path = folder ?? mkdtempSync(join(tmpdir(), "gateway-test-"));
  const data = await openDataDirectory(path);
  const filePath = join(path, "settings.yaml");
  if (hasFile && !existsSync(filePath)) writeFileSync(filePath, text, { mode: 0o600 });
  const settingsFile = hasFile
    ? openSettings(filePath, openSettingsVault(path), (words) => logger.warn(words))
    : undefined;
  const end = async () => {
    await Promise.all(simulation.map((bus) => bus.stop()));
    await data.release();
    if (folder === undefined) rmSync(path, { recursive: true, force: true });
  };
  const gateway = await startGateway({
    settings: settingsFile?.settings ?? loaded.settings,
    settingsFile,
    data,
    buses: loopbackBuses(simulation, undefined),
    receivers: [],
    clock,
    logger,
    publicClientReadsMeters: false,
    isWebOpen,
    notices: [],
  }).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  const portOf = (door: string) => gateway.doors.find(({ name }) => name === door)?.port ?? 0;
  return {
    gateway,
    dlmsPort: portOf("dlms"),
    origin: `http://${host}:${portOf("web")}`,
    log: logger.lines,
    password,
    async readAll() {
      const ended = () => logger.lines.filter(({ message }) => message === "readout cycle ended").length;
      const before = ended();
      gateway.readNow();
      await until("a readout cycle", () => when(ended() > before), 60_000);
    },
    async stop() {
      await gateway.stop();
      await end();
    },
  };
}
