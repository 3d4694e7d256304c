import { parseArgs } from "node:util";
import type { ReadoutEntries } from "../../views/rest/contract.js";
import type { Command } from "../command.js";
import { createRestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway readouts [DEVICE] [--failed] [--limit N]

How the readouts of a running gateway went, newest first: time, meter, message, telegrams, duration, retries, signal.

${restClientUsage}`;

export const command: Command = {
  usage,
  async run(words) {
    const options = {
      ...restClientOptions,
      failed: { type: "boolean", default: false },
      limit: { type: "string", default: "50" },
    } as const;
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const query = new URLSearchParams({ limit: values.limit });
    const [device] = positionals;
    if (device !== undefined) query.set("device", device);
    if (values.failed) query.set("failed", "true");
    const { readouts } = await createRestClient(values).get<ReadoutEntries>(`/readouts?${query}`);
    for (const entry of readouts) {
      const { createdAt, message, telegramCount, durationMs, retries, signalDbm } = entry;
      const signal = signalDbm === null ? "" : `, ${signalDbm} dBm`;
      const effort = `${telegramCount} telegrams, ${Math.round(durationMs)} ms, ${retries} retries${signal}`;
      process.stdout.write(`${createdAt}  ${entry.device}  ${message}  (${effort})\n`);
    }
    return 0;
  },
};
