/** Associations opened and released, and a thousand of them that do nothing. */
import type { GatewayReady } from "./load/gateway-server.js";
import { type ServerProcess, startServer, startWorker } from "./load/process.js";
import type { IdleAnswer, Lane, LoadQuestion } from "./load/tcp-load.js";
import { type Bench, type BenchResult, result } from "./result.js";
import { cpuWords, measureThroughput } from "./throughput.js";

const names = { associations: "dlms-associations", idle: "dlms-idle-1000" } as const;
const connections = 1000;
const idleSeconds = 3;
/** RLRQ, normal; its length is 5. */
const release = "6203800100";

export const dlmsAssociationsBench: Bench = {
  names: Object.values(names),
  async run(wanted) {
    const results: BenchResult[] = [];
    if (wanted.has(names.associations)) results.push(await opened());
    if (wanted.has(names.idle)) results.push(await idle());
    return results;
  },
};

/** AARQ and RLRQ in one segment, answered in one: what each pair costs beside a bare answer. */
async function opened(): Promise<BenchResult> {
  const server = await startServer<GatewayReady>("gateway-server.js", { objects: 100 });
  const { port, dlmsLanes } = server.ready;
  const door = {
    server,
    port,
    lanes: dlmsLanes.map(({ setup }) => ({ setup: [], requests: setup.map(withRelease) })),
    // AARE, accepted.
    good: { at: 8, hex: "6129a109060760857405080101a203020100" },
    startReference: (request: string, responseHex: string) =>
      startServer<{ port: number }>("fixed-server.js", { requestLength: request.length / 2, responseHex }),
  };
  const [line] = await measureThroughput(door, [16]);
  await server.stop();
  if (line === undefined) throw new Error("nothing was measured");
  const what = `bare TCP server, ${line.requestBytes} to ${line.responseBytes} bytes`;
  const note = `server CPU ${cpuWords(line)}; AARQ and RLRQ together, 16 connections`;
  return result(names.associations, line.perSecond, "associations/s", { what, value: line.referencePerSecond }, note);
}

/** The release goes to the ports of the opening. */
const withRelease = (opening: string) => `${opening}${opening.slice(0, 12)}0005${release}`;

interface Idle {
  readonly usedBytes: number;
  readonly residentBytes: number;
  readonly cpuShare: number;
}

/** Memory that each open association keeps, and what it costs to watch over them. */
async function idle(): Promise<BenchResult> {
  const server = await startServer<GatewayReady>("gateway-server.js", { objects: 100 }, ["--expose-gc"]);
  const [lane] = server.ready.dlmsLanes;
  const own = await idleOf(server, { setup: lane?.setup.slice(0, 1) ?? [], requests: [] });
  await server.stop();
  const bare = { requestLength: 1, responseHex: "00" };
  const reference = await startServer<{ port: number }>("fixed-server.js", bare, ["--expose-gc"]);
  const { usedBytes } = await idleOf(reference, { setup: [], requests: [] });
  await reference.stop();
  const note =
    `an open association on each; resident ${(own.residentBytes / connections / 1024).toFixed(1)} KiB each; ` +
    `CPU while idle ${(own.cpuShare * 100).toFixed(2)} %`;
  const what = "a bare TCP server's connections";
  const each = usedBytes / connections;
  return result(names.idle, own.usedBytes / connections, "bytes/connection", { what, value: each }, note);
}

async function idleOf(server: ServerProcess<{ readonly port: number }>, lane: Lane): Promise<Idle> {
  const worker = startWorker("tcp-load.js");
  const ask = (count: number) => {
    const question: LoadQuestion = { kind: "idle", port: server.ready.port, lane, connections: count };
    return worker.ask<IdleAnswer>(question);
  };
  // What is made once, and what the first connections leave behind, is there before.
  await ask(connections);
  await ask(0);
  await wait(0.5);
  const before = await server.usageCollected();
  await ask(connections);
  await wait(0.5);
  const open = await server.usageCollected();
  const { cpuMicroseconds } = await server.usage();
  await wait(idleSeconds);
  const later = await server.usage();
  await worker.stop();
  return {
    usedBytes: open.usedBytes - before.usedBytes,
    residentBytes: open.residentBytes - before.residentBytes,
    cpuShare: (later.cpuMicroseconds - cpuMicroseconds) / 1e6 / idleSeconds,
  };
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
