/**
 * Load generator in a process of its own: sockets with one request in flight on each, going round its lane's requests.
 * Takes LoadQuestion messages and answers each; a wrong answer or a closed socket ends it with code 1.
 */
import { connect, type Socket } from "node:net";

/** What one connection sends. Each request and each step is one frame, its answer one chunk. */
export interface Lane {
  /** Sent once, one after the other, before all else; hex. */
  readonly setup: readonly string[];
  /** Sent in turn; hex. */
  readonly requests: readonly string[];
}

export type LoadQuestion =
  /** Each request of each lane once. Answers ProbeAnswer. */
  | { readonly kind: "probe"; readonly port: number; readonly lanes: readonly Lane[] }
  /** Lanes are dealt out to the connections in turn. Answers LoadAnswer. */
  | {
      readonly kind: "load";
      readonly port: number;
      readonly lanes: readonly Lane[];
      readonly connections: number;
      readonly responseLength: number;
      readonly warmUpSeconds: number;
      readonly seconds: number;
    };

export interface ProbeAnswer {
  /** By lane and request, hex. */
  readonly responses: readonly (readonly string[])[];
}

export interface LoadAnswer {
  readonly perSecond: number;
  /** Warm-up included. */
  readonly allRequests: number;
}

/** A socket whose bytes land in one buffer: no allocation a chunk. */
interface Line {
  readonly socket: Socket;
  onBytes: (length: number, buffer: Uint8Array) => void;
}

function fail(reason: string): never {
  process.stderr.write(`tcp-load: ${reason}\n`);
  process.exit(1);
}

async function open(port: number, lane: Lane): Promise<Line> {
  const line: { socket: Socket; onBytes: Line["onBytes"] } = {
    socket: connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: new Uint8Array(65_536),
        callback(length, buffer) {
          line.onBytes(length, buffer);
          return true;
        },
      },
    }),
    onBytes: () => undefined,
  };
  line.socket.on("error", (error) => fail(error.message));
  line.socket.on("close", () => fail("the server closed a connection"));
  await new Promise<void>((resolve) => line.socket.once("connect", () => resolve()));
  for (const step of lane.setup) await exchange(line, step);
  return line;
}

function exchange(line: Line, hex: string): Promise<string> {
  return new Promise((resolve) => {
    line.onBytes = (length, buffer) => resolve(Buffer.from(buffer.subarray(0, length)).toString("hex"));
    line.socket.write(Buffer.from(hex, "hex"));
  });
}

function close({ socket }: Line): void {
  socket.removeAllListeners("close");
  socket.destroy();
}

async function probe(port: number, lanes: readonly Lane[]): Promise<ProbeAnswer> {
  const responses: string[][] = [];
  for (const lane of lanes) {
    const line = await open(port, lane);
    const answers: string[] = [];
    for (const request of lane.requests) answers.push(await exchange(line, request));
    responses.push(answers);
    close(line);
  }
  return { responses };
}

async function load(question: Extract<LoadQuestion, { kind: "load" }>): Promise<LoadAnswer> {
  const { port, lanes, connections, responseLength, warmUpSeconds, seconds } = question;
  let requests = 0;
  let isRunning = true;

  function pump(line: Line, frames: readonly Buffer[]): void {
    let received = 0;
    let next = 0;
    const send = () => {
      line.socket.write(frames[next] as Buffer);
      next = next + 1 === frames.length ? 0 : next + 1;
    };
    line.onBytes = (length) => {
      received += length;
      if (received < responseLength) return;
      if (received > responseLength) fail(`answer of ${received} bytes, ${responseLength} expected`);
      received = 0;
      requests += 1;
      if (isRunning) send();
    };
    send();
  }

  const lines: Line[] = [];
  for (let index = 0; index < connections; index++) {
    lines.push(await open(port, lanes[index % lanes.length] as Lane));
  }
  lines.forEach((line, index) => {
    const lane = lanes[index % lanes.length] as Lane;
    pump(
      line,
      lane.requests.map((request) => Buffer.from(request, "hex")),
    );
  });
  await sleep(warmUpSeconds);
  const before = requests;
  const started = performance.now();
  await sleep(seconds);
  const perSecond = (requests - before) / ((performance.now() - started) / 1000);
  isRunning = false;
  await sleep(0.05);
  for (const line of lines) close(line);
  return { perSecond, allRequests: requests };
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

process.on("message", (question: LoadQuestion) => {
  const answer = question.kind === "probe" ? probe(question.port, question.lanes) : load(question);
  void answer.then((value) => process.send?.(value));
});
process.on("disconnect", () => process.exit(0));
