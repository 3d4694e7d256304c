import { join } from "node:path";
import { parseArgs } from "node:util";
import { redactSettings } from "../../settings/index.js";
import { type Command, WrongUse } from "../command.js";
import { registerMapOf } from "../register-maps.js";
import { settingsMarkdown, settingsText } from "../settings-documents.js";
import { readSettingsFile } from "../settings-file.js";

const usage = `usage: cosem-gateway settings check --config FILE [--data DIR]   exit code 0 when the file is good
       cosem-gateway settings get --config FILE     the effective settings, defaults filled in, secrets left out
       cosem-gateway settings list [--markdown]     every setting with default, limits and help`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        config: { type: "string" },
        data: { type: "string", default: "data" },
        markdown: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [action, ...others] = positionals;
    if (others.length > 0) throw new WrongUse(`unknown word "${others[0]}"`);
    if (action === "list") {
      process.stdout.write(values.markdown ? settingsMarkdown() : settingsText());
      return 0;
    }
    if (values.config === undefined) throw new WrongUse("--config FILE is missing");
    if (action === "check") {
      registerMapOf(readSettingsFile(values.config), join(values.data, "maps"));
      process.stdout.write(`${values.config}: good\n`);
      return 0;
    }
    if (action === "get") {
      process.stdout.write(redactSettings(readSettingsFile(values.config)));
      return 0;
    }
    throw new WrongUse(action === undefined ? "check, get or list is missing" : `unknown action "${action}"`);
  },
};
