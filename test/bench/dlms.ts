/** GET of a value over the TCP wrapper beside a bare server with the same bytes. */
import type { GatewayReady } from "./load/gateway-server.js";
import { startServer } from "./load/process.js";
import { type Bench, type BenchResult, result } from "./result.js";
import { measureThroughput, type Throughput } from "./throughput.js";

const one = "dlms-get-1";
const sixteen = "dlms-get-16";
const many = "dlms-get-16-of-100000";

/** GET.response normal, data. */
const good = { at: 8, hex: "c401c100" };

export const dlmsBench: Bench = {
  names: [one, sixteen, many],
  async run(names) {
    const results: BenchResult[] = [];
    const connections = [...(names.has(one) ? [1] : []), ...(names.has(sixteen) ? [16] : [])];
    if (connections.length > 0) {
      const { measured, words } = await measure(100, connections);
      measured.forEach((line, index) => {
        results.push(lineOf(connections[index] === 1 ? one : sixteen, line, words));
      });
    }
    if (names.has(many)) {
      const { measured, words } = await measure(100_000, [16]);
      results.push(...measured.map((line) => lineOf(many, line, words)));
    }
    return results;
  },
};

async function measure(objects: number, connections: readonly number[]) {
  const server = await startServer<GatewayReady>("gateway-server.js", { objects });
  const { port, dlmsLanes: lanes, meterCount, objectCount } = server.ready;
  const startReference = (request: string, responseHex: string) =>
    startServer<{ port: number }>("fixed-server.js", { requestLength: request.length / 2, responseHex });
  const measured = await measureThroughput({ server, port, lanes, good, startReference }, connections);
  await server.stop();
  const asked = new Set(lanes.flatMap((lane) => lane.requests)).size;
  return { measured, words: `${objectCount} objects in ${meterCount} meters, ${asked} of them asked in turn` };
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

export function cpuWords({ cpuMicroseconds, referenceCpuMicroseconds }: Throughput): string {
  return `${cpuMicroseconds.toFixed(1)} µs each, bare ${referenceCpuMicroseconds.toFixed(1)} µs`;
}
