import { parseArgs } from "node:util";
import type { ManualReadout, ReadoutCycle } from "../../views/rest/contract.js";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway read DEVICE
       cosem-gateway read --all

Reads a meter of a running gateway now and keeps the reading, or starts a cycle over all meters and returns at once.

${restClientUsage}`;

export const command: Command = {
  usage,
  async run(words) {
    const options = { ...restClientOptions, all: { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [device] = positionals;
    if ((device === undefined) !== values.all) throw new WrongUse("wants either DEVICE or --all");
    const client = createRestClient(values);
    if (device === undefined) {
      const { running } = await client.post<ReadoutCycle>("/readouts/cycle");
      process.stdout.write(`${running ? "The cycle runs" : "The cycle begins"}; see GET /api/v1/readouts/cycle\n`);
      return 0;
    }
    const answer = await client.post<ManualReadout>(`/meters/${encodeURIComponent(device)}/readout`);
    process.stdout.write(`${answer.device}: ${answer.message}; newest reading ${answer.readAt ?? "none"}\n`);
    return answer.ok ? 0 : 1;
  },
};
