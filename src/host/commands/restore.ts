import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { openDataDirectory } from "../data-directory.js";
import { applyPending, BadArchive, prepareRestore, requestReset, WrongPassphrase } from "../files/restore.js";
import { passphraseOf, passphraseOptions, passphraseUsage } from "../passphrase-option.js";

const usage = `usage: cosem-gateway restore FILE [--data DIR] [--config FILE] [--dry-run] [--passphrase-file FILE]

Restores a backup or a configuration file into a data directory that no gateway runs on, also an empty one. All of the
file is checked first; what it replaces is set aside in DIR/before-restore.

  --data DIR      the data directory (default ./data)
  --config FILE   where the settings go (default settings.yaml of the data directory)
  --dry-run       checks the file, says what it would do, changes nothing
${passphraseUsage}`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...passphraseOptions,
        data: { type: "string", default: "data" },
        config: { type: "string" },
        "dry-run": { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new WrongUse("restore wants one FILE");
    if (!existsSync(file)) throw new CommandFailed(`there is no ${file}`);
    const isDryRun = values["dry-run"];
    const data = await openDataDirectory(values.data);
    try {
      const settingsPath = resolve(values.config ?? join(data.path, "settings.yaml"));
      const passphrase = passphraseOf(values["passphrase-file"]);
      const plan = await prepareRestore({ archivePath: file, dataPath: data.path, settingsPath, passphrase, isDryRun });
      const lines = [
        `${plan.kind} of ${plan.madeAt}, version ${plan.version}${plan.serial === undefined ? "" : `, serial ${plan.serial}`}`,
        `${isDryRun ? "would replace" : "replaces"}: ${plan.replaces.join(", ")}`,
        ...plan.leftOut.map((path) => `not in the file: ${path}`),
        ...(isDryRun ? ["nothing was changed"] : applyPending(data.path, settingsPath)),
      ];
      process.stdout.write(`${lines.join("\n")}\n`);
      return 0;
    } catch (error) {
      if (error instanceof BadArchive || error instanceof WrongPassphrase) {
        throw new CommandFailed(`${file} is not taken, nothing was changed: ${error.message}`);
      }
      throw error;
    } finally {
      await data.release();
    }
  },
};

const resetUsage = `usage: cosem-gateway factory-reset --yes [--data DIR] [--config FILE]

Forgets all settings, users, keys, readings and logs of a data directory that no gateway runs on. The serial number and
the files made by the gateway stay. A running gateway does the same by POST /api/v1/factory-reset.`;

export const factoryReset: Command = {
  usage: resetUsage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        data: { type: "string", default: "data" },
        config: { type: "string" },
        yes: { type: "boolean", default: false },
      },
    });
    if (!values.yes) throw new WrongUse("factory-reset wants --yes: all readings are lost");
    if (!existsSync(values.data)) throw new CommandFailed(`there is no data directory ${values.data}`);
    const data = await openDataDirectory(values.data);
    try {
      requestReset(data.path);
      const done = applyPending(data.path, resolve(values.config ?? join(data.path, "settings.yaml")));
      process.stdout.write(`${done.join("\n")}\n`);
      return 0;
    } finally {
      await data.release();
    }
  },
};
