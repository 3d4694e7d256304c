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
  /** The first bytes of a good answer from `at` on, hex. */
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
  const { lanes, request, response } = equalLengths(door, probed);
  const reference = await door.startReference(request, response);
  const bareLanes = lanes.map((lane) => ({ setup: [], requests: lane.requests }));
  const { port: barePort } = reference.ready;
  const bareProbe = await ask<ProbeAnswer>({
    kind: "probe",
    port: barePort,
    lanes: [{ setup: [], requests: [request] }],
  });
  const bareResponse = bareProbe.responses[0]?.[0] ?? "";
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
  const before = await server.cpuMicroseconds();
  const question: LoadQuestion = { kind: "load", port, lanes, connections, responseLength, warmUpSeconds, seconds };
  const { perSecond, allRequests } = await worker.ask<LoadAnswer>(question);
  cpu.push(((await server.cpuMicroseconds()) - before) / allRequests);
  return perSecond;
}

/** Keeps the requests that are as long as the first, with answers as long as its: the bare server knows one length. */
function equalLengths(door: Door, { responses }: ProbeAnswer) {
  const request = door.lanes[0]?.requests[0] ?? "";
  const response = responses[0]?.[0] ?? "";
  const lanes = door.lanes.map(({ setup, requests }, lane) => ({
    setup,
    requests: requests.filter((text, index) => {
      const answer = responses[lane]?.[index] ?? "";
      if (!answer.startsWith(door.good.hex, door.good.at * 2)) throw new Error(`${text} is answered with ${answer}`);
      return text.length === request.length && answer.length === response.length;
    }),
  }));
  return { lanes: lanes.filter((lane) => lane.requests.length > 0), request, response };
}
