import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { MasterKeyError } from "../../accounts/index.js";
import { systemClock } from "../../transport/index.js";
import { busesOf } from "../buses.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { type DataDirectory, openDataDirectory } from "../data-directory.js";
import { applyPending, hasPending } from "../files/restore.js";
import { openSettingsVault, type SettingsVault } from "../files/vault-text.js";
import { startGateway } from "../gateway/index.js";
import { createLogger } from "../logger.js";
import { receiversOf } from "../receivers.js";
import { untilSignal } from "../run-until-signal.js";
import { openSettings } from "../settings-keeper.js";

const usage = `usage: cosem-gateway run [--config FILE] [--data DIR] [--read-now]

Reads the meters of the settings file on their interfaces and serves them until SIGINT or SIGTERM.

  --config FILE   settings, YAML; "cosem-gateway settings list" tells them all (default settings.yaml of the data
                  directory). Changes made over REST are written there; plain secrets in it are sealed.
  --data DIR      where readings are kept (default ./data)
  --read-now      read all meters once at the start too, without waiting for the schedule`;

export const command: Command = {
  usage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        config: { type: "string" },
        data: { type: "string", default: "data" },
        "read-now": { type: "boolean", default: false },
      },
    });
    if (values.config !== undefined && !existsSync(values.config)) {
      throw new CommandFailed(`cannot read the settings file: there is no ${values.config}`);
    }
    if (values.config === undefined && !existsSync(join(values.data, "settings.yaml")) && !hasPending(values.data)) {
      throw new WrongUse(`--config FILE is missing, and there is no settings.yaml in ${values.data}`);
    }
    const stopAsked = untilSignal().then(() => undefined);
    const data = await openDataDirectory(values.data);
    try {
      const settingsPath = resolve(values.config ?? join(data.path, "settings.yaml"));
      let isAgain = await runOnce(data, settingsPath, values["read-now"], stopAsked);
      while (isAgain) isAgain = await runOnce(data, settingsPath, false, stopAsked);
    } finally {
      await data.release();
    }
    return 0;
  },
};

/** From what waits to be put in place to the end of all parts. @returns whether to start again */
async function runOnce(
  data: DataDirectory,
  settingsPath: string,
  readsNow: boolean,
  stopAsked: Promise<undefined>,
): Promise<boolean> {
  const done = applyPending(data.path, settingsPath);
  const warnings: string[] = [];
  const settingsFile = openSettings(settingsPath, vaultOf(data.path), (words) => warnings.push(words));
  const { settings } = settingsFile;
  const logger = createLogger(settings.logging.level);
  for (const words of warnings) logger.warn(words);
  let restart: (why: string) => void = () => undefined;
  const restartAsked = new Promise<string>((asked) => {
    restart = asked;
  });
  const gateway = await startGateway({
    settings,
    settingsFile,
    data,
    buses: busesOf(settings.interfaces, settings.readout),
    receivers: receiversOf(settings.wireless, logger),
    clock: systemClock,
    logger,
    publicClientReadsMeters: false,
    restart,
    putInPlace: done,
    notices: [],
  });
  if (readsNow) gateway.readNow();
  logger.info("gateway started", { meters: settings.meters.length, data: data.path });
  const why = await Promise.race([stopAsked, restartAsked]);
  if (why === undefined) logger.info("gateway stopping");
  else logger.warn("gateway starts again", { why });
  await gateway.stop();
  return why !== undefined;
}

function vaultOf(dataPath: string): SettingsVault {
  try {
    return openSettingsVault(dataPath);
  } catch (error) {
    throw error instanceof MasterKeyError ? new CommandFailed(error.message) : error;
  }
}
