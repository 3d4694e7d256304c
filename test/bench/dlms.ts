/** GET of a value over the TCP wrapper beside a bare server with the same bytes. */
import type { GatewayArgument, GatewayReady } from "./load/gateway-server.js";
import { startServer } from "./load/process.js";
import { type Bench, type BenchResult, result } from "./result.js";
import { cpuWords, measureThroughput, type Throughput } from "./throughput.js";

interface Line {
  readonly name: string;
  readonly connections: number;
}

interface Group extends GatewayArgument {
  readonly lines: readonly Line[];
}

/** Lines of one server. */
const groups: readonly Group[] = [
  {
    objects: 100,
    lines: [
      { name: "dlms-get-1", connections: 1 },
      { name: "dlms-get-16", connections: 16 },
      { name: "dlms-get-64", connections: 64 },
    ],
  },
  { objects: 100, isCiphered: true, lines: [{ name: "dlms-get-16-ciphered", connections: 16 }] },
  { objects: 100_000, lines: [{ name: "dlms-get-16-of-100000", connections: 16 }] },
  { objects: 1_000_000, lines: [{ name: "dlms-get-16-of-1000000", connections: 16 }] },
];

/** GET.response normal, data: behind the wrapper's header, or as it was under the protection. */
const good = { plain: { at: 8, hex: "c401c100" }, ciphered: { at: 0, hex: "c401c100" } };

export const dlmsBench: Bench = {
  names: groups.flatMap(({ lines }) => lines.map(({ name }) => name)),
  async run(names) {
    const results: BenchResult[] = [];
    for (const group of groups) {
      const lines = group.lines.filter(({ name }) => names.has(name));
      if (lines.length > 0) results.push(...(await measure(group, lines)));
    }
    return results;
  },
};

async function measure(
  { objects, isCiphered = false }: Group,
  lines: readonly Line[],
): Promise<readonly BenchResult[]> {
  const began = performance.now();
  const server = await startServer<GatewayReady>("gateway-server.js", { objects, isCiphered });
  const setUpSeconds = ((performance.now() - began) / 1000).toFixed(1);
  const { port, dlmsLanes: lanes, meterCount, objectCount } = server.ready;
  const startReference = (request: string, responseHex: string) =>
    startServer<{ port: number }>("fixed-server.js", { requestLength: request.length / 2, responseHex });
  const door = { server, port, lanes, good: isCiphered ? good.ciphered : good.plain, startReference };
  const measured = await measureThroughput(
    door,
    lines.map(({ connections }) => connections),
  );
  const { residentBytes } = await server.usage();
  await server.stop();
  const asked = new Set(lanes.flatMap((lane) => lane.requests)).size;
  const memory = `${Math.round(residentBytes / 2 ** 20)} MiB, set up in ${setUpSeconds} s`;
  const words = `${objectCount} objects in ${meterCount} meters (${memory}), ${asked} of them asked in turn`;
  return measured.map((throughput, index) => lineOf(lines[index]?.name ?? "", throughput, words));
}

function lineOf(name: string, line: Throughput, words: string): BenchResult {
  const { requestBytes, responseBytes } = line;
  return result(
    name,
    line.perSecond,
    "GET/s",
    { what: `bare TCP server, ${requestBytes} to ${responseBytes} bytes`, value: line.referencePerSecond },
    `server CPU ${cpuWords(line)}; ${words}`,
  );
}
