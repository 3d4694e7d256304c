import { parseArgs } from "node:util";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, restClientOptions, restClientUsage } from "../rest-client.js";
import { writeOrFail } from "./meters.js";

const usage = `usage: cosem-gateway report commission FILE.xlsx

The commission report of a running gateway: gateway settings, meters, last readings, meters with Modbus.

${restClientUsage}`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({ args: [...words], options: restClientOptions, allowPositionals: true });
    const [kind, file] = positionals;
    if (kind !== "commission")
      throw new WrongUse(kind === undefined ? "commission is missing" : `unknown report "${kind}"`);
    if (file === undefined) throw new WrongUse("FILE is missing");
    const response = await createRestClient(values).fetch({ path: "/commission-report" });
    writeOrFail(file, new Uint8Array(await response.arrayBuffer()));
    return 0;
  },
};
