import { parseArgs } from "node:util";
import { formatResult, formatSummary, runConformance } from "../../../conformance/index.js";
import { publicClientSap, Secret } from "../../../cosem/index.js";
import { hostAndPort, numberOption } from "../arguments.js";
import type { Command } from "../command.js";

const usage = `usage: cosem-gateway conformance HOST[:PORT] [OPTIONS]

Checks how a DLMS/COSEM server behaves: opening and refusing associations, data exchange, objects. It only reads, and
tries one write that must be refused. It is not the DLMS User Association's tool, and its verdicts are no certificate.

  --client N         client SAP (default 16, the public client)
  --password TEXT    low-level password of that client; or DLMS_PASSWORD in the environment
  --server N         server SAP (default 1)
  --timeout SECONDS  wait so long for each answer (default 2)
  --only TEXT        cases whose name holds TEXT

Exit code 1 when a case failed.`;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        client: { type: "string", default: String(publicClientSap) },
        password: { type: "string" },
        server: { type: "string", default: "1" },
        timeout: { type: "string", default: "2" },
        only: { type: "string" },
      },
      allowPositionals: true,
    });
    const password = values.password ?? process.env["DLMS_PASSWORD"];
    const results = await runConformance(
      {
        ...hostAndPort(positionals[0]),
        clientSap: numberOption("client", values.client, 1, 126),
        serverSap: numberOption("server", values.server, 1, 65_535),
        timeoutMs: numberOption("timeout", values.timeout, 1, 600) * 1000,
        ...(password === undefined ? {} : { password: new Secret(new TextEncoder().encode(password)) }),
        ...(values.only === undefined ? {} : { only: values.only }),
      },
      (result) => process.stdout.write(`${formatResult(result)}\n`),
    );
    process.stdout.write(`${formatSummary(results)}\n`);
    return results.some((result) => result.verdict === "fail") ? 1 : 0;
  },
};
