/** Requests a second at a door beside a bare server that answers with as many bytes. */
import { alternate } from "./alternate.js";
import { type ServerProcess, startWorker, type WorkerProcess } from "./load/process.js";
import type { Lane, LoadAnswer, LoadQuestion, ProbeAnswer } from "./load/tcp-load.js";
import { median } from "./result.js";

const warmUpSeconds = 0.3;
const seconds = 0.8;
/** Many short ones: what else the machine does comes and goes. */
const rounds = 6;

export interface Door {
  readonly server: ServerProcess<{ readonly port: number }>;
  readonly port: number;
  readonly lanes: readonly Lane[];
  /** The first bytes of a good answer, its protection taken away, from `at` on, hex. */
  readonly good: { readonly at: number; readonly hex: string };
  /** Starts the reference, given one request and its answer, hex. */
  startReference(request: string, response: string): Promise<ServerProcess<{ readonly port: number }>>;
}

export interface Throughput {
  readonly perSecond: number;
  readonly referencePerSecond: number;
  /** The server's own CPU time a request, user and system. */
  readonly cpuMicroseconds: number;
  readonly referenceCpuMicroseconds: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** One measurement for each number of connections. @throws Error where the door answers with an error */
export async function measureThroughput(door: Door, connections: readonly number[]): Promise<readonly Throughput[]> {
  const worker = startWorker("tcp-load.js");
  const ask = <T>(question: LoadQuestion) => worker.ask<T>(question);
  const probed = await ask<ProbeAnswer>({ kind: "probe", port: door.port, lanes: door.lanes });
  const { lanes, request, response, bareLanes } = equalLengths(door, probed);
  const reference = await door.startReference(request, response);
  const { port: barePort } = reference.ready;
  const bareProbe = await ask<ProbeAnswer>({
    kind: "probe",
    port: barePort,
    lanes: [{ setup: [], requests: [request] }],
  });
  const bareResponse = bareProbe.exchanges[0]?.[0]?.response ?? "";
  const measured = { server: door.server, port: door.port, lanes, responseLength: response.length / 2 };
  const bare = { server: reference, port: barePort, lanes: bareLanes, responseLength: bareResponse.length / 2 };
  const results: Throughput[] = [];
  for (const count of connections) {
    await run(worker, measured, count);
    await run(worker, bare, count);
    const cpu: number[] = [];
    const bareCpu: number[] = [];
    const medians = await alternate(
      () => run(worker, measured, count, cpu),
      () => run(worker, bare, count, bareCpu),
      rounds,
    );
    results.push({
      perSecond: medians.value,
      referencePerSecond: medians.reference,
      cpuMicroseconds: median(cpu),
      referenceCpuMicroseconds: median(bareCpu),
      requestBytes: request.length / 2,
      responseBytes: response.length / 2,
    });
  }
  await worker.stop();
  await reference.stop();
  return results;
}

interface Target {
  readonly server: ServerProcess<unknown>;
  readonly port: number;
  readonly lanes: readonly Lane[];
  readonly responseLength: number;
}

async function run(worker: WorkerProcess, target: Target, connections: number, cpu: number[] = []): Promise<number> {
  const { server, port, lanes, responseLength } = target;
  const { cpuMicroseconds: before } = await server.usage();
  const question: LoadQuestion = { kind: "load", port, lanes, connections, responseLength, warmUpSeconds, seconds };
  const { perSecond, allRequests } = await worker.ask<LoadAnswer>(question);
  cpu.push(((await server.usage()).cpuMicroseconds - before) / allRequests);
  return perSecond;
}

/**
 * Keeps the requests that are as long as the first, with answers as long as its: the bare server knows one length.
 * Its lanes are the same bytes as they went out, without set-up.
 */
function equalLengths(door: Door, { exchanges }: ProbeAnswer) {
  const { request = "", response = "" } = exchanges[0]?.[0] ?? {};
  const isKept = (lane: number, index: number) => {
    const exchange = exchanges[lane]?.[index];
    if (exchange?.opened.startsWith(door.good.hex, door.good.at * 2) !== true) {
      throw new Error(`${exchange?.request} is answered with ${exchange?.opened}`);
    }
    return exchange.request.length === request.length && exchange.response.length === response.length;
  };
  const kept = door.lanes.map((lane, place) => {
    const indexes = lane.requests.flatMap((_, index) => (isKept(place, index) ? [index] : []));
    return {
      own: { ...lane, requests: indexes.map((index) => lane.requests[index] ?? "") },
      bare: { setup: [], requests: indexes.map((index) => exchanges[place]?.[index]?.request ?? "") },
    };
  });
  const full = kept.filter(({ own }) => own.requests.length > 0);
  return { lanes: full.map(({ own }) => own), bareLanes: full.map(({ bare }) => bare), request, response };
}

export function cpuWords({ cpuMicroseconds, referenceCpuMicroseconds }: Throughput): string {
  return `${cpuMicroseconds.toFixed(1)} µs each, bare ${referenceCpuMicroseconds.toFixed(1)} µs`;
}
