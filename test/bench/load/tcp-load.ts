/**
 * Load generator in a process of its own: sockets with one request in flight on each, going round its lane's requests.
 * Takes LoadQuestion messages and answers each; a wrong answer or a closed socket ends it with code 1.
 */
import { connect, type Socket } from "node:net";
import { SecuredLane } from "./secured-lane.js";

/** What one connection sends. Each request and each step is one frame, its answer one chunk. */
export interface Lane {
  /** Sent once, one after the other, before all else; hex. */
  readonly setup: readonly string[];
  /**
   * System title of a ciphered client, hex. Its set-up is then a list of AARQs of which only the ports count, and each
   * of its requests is protected under a counter of its own.
   */
  readonly securedTitle?: string;
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
    }
  /** Opens connections and leaves them open until `idle` with none is asked. Answers IdleAnswer. */
  | { readonly kind: "idle"; readonly port: number; readonly lane: Lane; readonly connections: number };

/** All hex. */
export interface Exchange {
  readonly request: string;
  readonly response: string;
  /** The response's APDU, without its protection where it had one; without one the response itself. */
  readonly opened: string;
}

export interface ProbeAnswer {
  /** By lane and request. */
  readonly exchanges: readonly (readonly Exchange[])[];
}

export interface IdleAnswer {
  readonly connections: number;
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
  const secured = securedOf(lane);
  for (const step of lane.setup) {
    const frame = Buffer.from(step, "hex");
    const ports = { sourceWPort: frame.readUInt16BE(2), destinationWPort: frame.readUInt16BE(4) };
    await exchange(line, secured === undefined ? frame : secured.opening(ports));
  }
  return line;
}

function exchange(line: Line, frame: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    line.onBytes = (length, buffer) => resolve(Buffer.from(buffer.subarray(0, length)));
    line.socket.write(frame);
  });
}

const secureds = new Map<string, SecuredLane>();

/** One for each title as long as this process lives: the server remembers counters. */
function securedOf({ securedTitle }: Lane): SecuredLane | undefined {
  if (securedTitle === undefined) return undefined;
  const known = secureds.get(securedTitle) ?? new SecuredLane(securedTitle);
  secureds.set(securedTitle, known);
  return known;
}

/** Frames ciphered before a run, by connection; what is asked beyond them is ciphered then. */
const preparedFrames = 200_000;

/** The next frame to send. */
function framesOf(lane: Lane, connections: number): () => Uint8Array {
  const frames = lane.requests.map((request) => Buffer.from(request, "hex"));
  let next = 0;
  const inTurn = () => {
    const frame = frames[next] as Buffer;
    next = next + 1 === frames.length ? 0 : next + 1;
    return frame;
  };
  const secured = securedOf(lane);
  if (secured === undefined) return inTurn;
  const prepared = Array.from({ length: Math.ceil(preparedFrames / connections) }, () => secured.protect(inTurn()));
  let taken = 0;
  return () => prepared[taken++] ?? secured.protect(inTurn());
}

function close({ socket }: Line): void {
  socket.removeAllListeners("close");
  socket.destroy();
}

async function probe(port: number, lanes: readonly Lane[]): Promise<ProbeAnswer> {
  const exchanges: Exchange[][] = [];
  for (const lane of lanes) {
    const line = await open(port, lane);
    const secured = securedOf(lane);
    const ofLane: Exchange[] = [];
    for (const hex of lane.requests) {
      const frame = Buffer.from(hex, "hex");
      const request = secured === undefined ? frame : secured.protect(frame);
      const response = await exchange(line, request);
      const opened = secured === undefined ? response : secured.open(response);
      ofLane.push({ request: hexOf(request), response: hexOf(response), opened: hexOf(opened) });
    }
    exchanges.push(ofLane);
    close(line);
  }
  return { exchanges };
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

let idleLines: Line[] = [];

async function idle({ port, lane, connections }: Extract<LoadQuestion, { kind: "idle" }>): Promise<IdleAnswer> {
  for (const line of idleLines) close(line);
  idleLines = [];
  for (let index = 0; index < connections; index++) idleLines.push(await open(port, lane));
  return { connections };
}

async function load(question: Extract<LoadQuestion, { kind: "load" }>): Promise<LoadAnswer> {
  const { port, lanes, connections, responseLength, warmUpSeconds, seconds } = question;
  let requests = 0;
  let isRunning = true;

  function pump(line: Line, nextFrame: () => Uint8Array): void {
    let received = 0;
    const send = () => line.socket.write(nextFrame());
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
  const sources = lines.map((_, index) => framesOf(lanes[index % lanes.length] as Lane, connections));
  lines.forEach((line, index) => {
    pump(line, sources[index] as () => Uint8Array);
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
  void answer(question).then((value) => process.send?.(value));
});
process.on("disconnect", () => process.exit(0));

function answer(question: LoadQuestion): Promise<ProbeAnswer | LoadAnswer | IdleAnswer> {
  switch (question.kind) {
    case "probe":
      return probe(question.port, question.lanes);
    case "load":
      return load(question);
    case "idle":
      return idle(question);
  }
}
