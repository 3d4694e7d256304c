import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { keysOfPath, redactSettings } from "../../settings/index.js";
import type { GatewaySettings, SettingsChanged } from "../../views/rest/contract.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { registerMapOf } from "../register-maps.js";
import { createRestClient, restClientOptions, restClientUsage } from "../rest-client.js";
import { settingsMarkdown, settingsText } from "../settings-documents.js";
import { readSettingsFile } from "../settings-file.js";

const usage = `usage: cosem-gateway settings list [--markdown]     every setting with default, limits and help
       cosem-gateway settings check --config FILE [--data DIR]   exit code 0 when the file is good
       cosem-gateway settings get --config FILE     the effective settings, defaults filled in, secrets left out
       cosem-gateway settings get [PATH]            those of a running gateway, e.g. settings get readout.schedule
       cosem-gateway settings set PATH=VALUE … [--dry-run]   changes a running gateway, all or nothing; VALUE is YAML,
                                                    null the default: settings set readout.retries=2 mail.host=null
${restClientUsage}`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        config: { type: "string" },
        markdown: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [action, ...others] = positionals;
    const { config } = values;
    if (action === "set" && config === undefined) {
      const changes = changesOf(others);
      const path = `/settings${values["dry-run"] ? "?dryRun=true" : ""}`;
      const answer = await createRestClient(values).call<SettingsChanged>({ path, method: "PATCH", body: changes });
      for (const changed of answer.changed) {
        const waits = answer.restartNeeded.some((waiting) => changed.startsWith(waiting));
        process.stdout.write(`${changed}: changed${waits ? "; taken up at the next start" : ""}\n`);
      }
      for (const warning of answer.warnings) process.stderr.write(`${warning}\n`);
      return 0;
    }
    if (action === "get" && config === undefined && others.length <= 1) {
      const { settings } = await createRestClient(values).get<GatewaySettings>("/settings");
      process.stdout.write(stringify(others[0] === undefined ? settings : valueAt(settings, others[0])));
      return 0;
    }
    if (others.length > 0) throw new WrongUse(`unknown word "${others[0]}"`);
    if (action === "list") {
      process.stdout.write(values.markdown ? settingsMarkdown() : settingsText());
      return 0;
    }
    if (action !== "check" && action !== "get" && action !== "set") {
      throw new WrongUse(action === undefined ? "list, check, get or set is missing" : `unknown action "${action}"`);
    }
    if (config === undefined) throw new WrongUse("--config FILE is missing");
    if (action === "set") throw new WrongUse("set changes a running gateway; a file is edited by hand");
    const settings = readSettingsFile(config, values.data);
    if (action === "check") {
      registerMapOf(settings, join(values.data, "maps"));
      process.stdout.write(`${config}: good\n`);
    } else process.stdout.write(redactSettings(settings));
    return 0;
  },
};

function changesOf(words: readonly string[]): Record<string, unknown> {
  if (words.length === 0) throw new WrongUse("set wants PATH=VALUE");
  const changes: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    const keys = at < 1 ? undefined : keysOfPath(word.slice(0, at));
    if (keys === undefined) throw new WrongUse(`"${word}" is not PATH=VALUE`);
    if (keys.some((key) => typeof key === "number")) {
      throw new WrongUse(`"${word}": a list is given as a whole, e.g. 'wireless.whitelist=[KAM]'`);
    }
    let group = changes;
    for (const key of keys.slice(0, -1)) {
      group[key] ??= {};
      group = group[key] as Record<string, unknown>;
    }
    group[keys.at(-1) ?? ""] = parse(word.slice(at + 1)) as unknown;
  }
  return changes;
}

function valueAt(settings: unknown, path: string): unknown {
  const keys = keysOfPath(path);
  let found = settings;
  for (const key of keys ?? [""]) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) {
      throw new CommandFailed(`there is no setting "${path}"; "settings list" tells them all`);
    }
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}
