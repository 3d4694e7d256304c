import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type Command, WrongUse } from "../command.js";
import { startDecodeRun } from "../decode-line.js";
import { explainedTelegram } from "../explain-text.js";

const usage = `usage: cosem-gateway decode --json < questions > answers
       cosem-gateway decode --explain HEX [--wireless] [--key HEX] [--json]

One line of JSON in, one out, in order. In: {"id": any, "hex": "68 … 16"}, or {"id", "hex", "wireless": true, "key": "32 hex
digits"} for a wireless telegram from its L field on, with or without CRCs; out: the meter's header and the records with
quantity, unit, value and OBIS code, or {"ok": false, "error": {"reason", "offset"}}. A bad record among good ones has value
null, the reason as "recordError" and an "error" of its own. "manufacturerFields" stands beside "manufacturerData" where a
map describes it. Record headers of full telegrams serve the compact ones after them.

--explain: what each byte of one telegram says, as a tree; with --json as a tree of JSON. Broken telegrams too, as far as
they can be read. --wireless: from the L field on, with or without CRCs; --key opens what is encrypted.

Exit code: --json 0 when every line was answered, a refusal being an answer ("ok": false); --explain 1 when the telegram is
refused; 2 for wrong use.`;

export const command: Command = {
  usage,
  async run(words) {
    const { values } = parseArgs({
      args: [...words],
      options: {
        json: { type: "boolean", default: false },
        explain: { type: "string" },
        wireless: { type: "boolean", default: false },
        key: { type: "string" },
      },
    });
    if (values.explain !== undefined) {
      const { explain, wireless, key, json } = values;
      const { text, isRefused } = explainedTelegram({ hex: explain, isWireless: wireless, key, asJson: json });
      process.stdout.write(text);
      return isRefused ? 1 : 0;
    }
    if (!values.json) throw new WrongUse("--json or --explain is missing");
    const answer = startDecodeRun();
    const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) {
      if (line.trim() === "") continue;
      if (!process.stdout.write(`${JSON.stringify(answer(line))}\n`)) {
        await new Promise((resolve) => process.stdout.once("drain", resolve));
      }
    }
    return 0;
  },
};
