import { parseArgs } from "node:util";
import type { SentAnswer } from "../../views/rest/contract.js";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway send TARGET COMMAND

Sends a command to a meter through a running gateway, ahead of all that waits for the bus, and shows the answer.
TARGET is a DEVICE, or INTERFACE:ADDRESS with a primary address (0 to 255) or a secondary one (8 or 16 hex digits).
COMMAND is one of
  initialise                   SND_NKE
  requestUserData1             REQ_UD1, alarm data
  requestUserData2             REQ_UD2, the meter's data
  sendUserData HEX [--then-request]  SND_UD, bytes from the CI field on
  setPrimaryAddress N | setBaudRate N | setClock [ISO-8601] | applicationReset [N]

${restClientUsage}`;

export const command: Command = {
  usage,
  async run(words) {
    const options = { ...restClientOptions, "then-request": { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const [target, name, argument] = positionals;
    if (target === undefined || name === undefined) throw new WrongUse("TARGET or COMMAND is missing");
    const body = { ...targetOf(target), command: name, ...argumentOf(name, argument, values["then-request"]) };
    const answer = await createRestClient(values).post<SentAnswer>("/send", body);
    process.stdout.write(`${answer.message} (${Math.round(answer.durationMs)} ms)\n`);
    const shown = answer.telegrams.flatMap(({ opened, ...sent }) => (opened === null ? [sent] : [sent, opened]));
    for (const { hex, fields } of shown) {
      process.stdout.write(`${hex}\n`);
      for (const field of fields) {
        const value = field.value === null ? "" : ` = ${field.value}`;
        process.stdout.write(`${"  ".repeat(field.depth + 1)}${field.name}: ${field.meaning}${value}\n`);
      }
    }
    return answer.ok ? 0 : 1;
  },
};

function targetOf(target: string): object {
  const at = target.lastIndexOf(":");
  if (at === -1) return { device: target };
  const address = target.slice(at + 1);
  const interfaceName = target.slice(0, at);
  return /^\d{1,3}$/.test(address)
    ? { interfaceName, primaryAddress: Number(address) }
    : { interfaceName, secondaryAddress: address };
}

function argumentOf(name: string, argument: string | undefined, thenRequest: boolean): object {
  if (argument === undefined) return {};
  switch (name) {
    case "sendUserData":
      return { hex: argument, thenRequest };
    case "setPrimaryAddress":
      return { address: Number(argument) };
    case "setBaudRate":
      return { baudRate: Number(argument) };
    case "setClock":
      return { at: argument };
    case "applicationReset":
      return { subcode: Number(argument) };
    default:
      throw new WrongUse(`${name} takes no argument`);
  }
}
