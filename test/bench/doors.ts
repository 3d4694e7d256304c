/** Modbus and REST reads beside bare servers. */
import type { GatewayReady } from "./load/gateway-server.js";
import { startServer } from "./load/process.js";
import { type Bench, result } from "./result.js";
import { cpuWords, measureThroughput } from "./throughput.js";

/** About as many as the demo has. */
const objects = 1000;

export const modbusBench: Bench = {
  names: ["modbus-reads-16"],
  async run() {
    const server = await startServer<GatewayReady>("gateway-server.js", { objects });
    const { modbusPort: port, modbusLanes: lanes } = server.ready;
    const door = {
      server,
      port,
      lanes,
      // Function 4, 4 bytes.
      good: { at: 7, hex: "0404" },
      startReference: (request: string, responseHex: string) =>
        startServer<{ port: number }>("fixed-server.js", { requestLength: request.length / 2, responseHex }),
    };
    const [line] = await measureThroughput(door, [16]);
    await server.stop();
    if (line === undefined) return [];
    const what = `bare TCP server, ${line.requestBytes} to ${line.responseBytes} bytes`;
    const note = `server CPU ${cpuWords(line)}; one value as float, of ${server.ready.meterCount} meters in turn`;
    return [result("modbus-reads-16", line.perSecond, "reads/s", { what, value: line.referencePerSecond }, note)];
  },
};

export const restBench: Bench = {
  names: ["rest-reads"],
  async run() {
    const server = await startServer<GatewayReady>("gateway-server.js", { objects });
    const { restPort: port, restLanes: lanes } = server.ready;
    const door = {
      server,
      port,
      lanes,
      good: { at: 0, hex: Buffer.from("HTTP/1.1 200 ").toString("hex") },
      startReference: (_request: string, response: string) =>
        startServer<{ port: number }>("bare-fastify.js", { body: bodyOf(response) }),
    };
    const [line] = await measureThroughput(door, [16]);
    await server.stop();
    if (line === undefined) return [];
    const note = `server CPU ${cpuWords(line)}; one attribute by its address, ${line.responseBytes} bytes with headers`;
    const reference = { what: "bare fastify route, same body", value: line.referencePerSecond };
    return [result("rest-reads", line.perSecond, "GET/s", reference, note)];
  },
};

function bodyOf(responseHex: string): unknown {
  const text = Buffer.from(responseHex, "hex").toString("utf8");
  return JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));
}
