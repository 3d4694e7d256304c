/**
 * Load generator in a process of its own: `connections` sockets, one request in flight on each.
 * Argument: `{"port", "connections", "seconds", "setup": [{"hex", "responseLength"}], "requestHex", "responseLength"}`.
 * Answers `{"requests", "seconds"}` once; a wrong answer length or a closed socket ends it with code 1.
 */
import { connect, type Socket } from "node:net";

interface Argument {
  port: number;
  connections: number;
  seconds: number;
  setup: { hex: string; responseLength: number }[];
  requestHex: string;
  responseLength: number;
}

const argument = JSON.parse(process.argv[2] ?? "{}") as Argument;
const request = Buffer.from(argument.requestHex, "hex");
let requests = 0;
let running = false;

function fail(reason: string): never {
  process.stderr.write(`tcp-load: ${reason}\n`);
  process.exit(1);
}

async function exchange(socket: Socket, bytes: Buffer, responseLength: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let received = 0;
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received < responseLength) return;
      if (received > responseLength) fail(`answer of ${received} bytes, ${responseLength} expected`);
      socket.off("data", onData);
      resolve();
    };
    socket.on("data", onData);
    socket.write(bytes);
  });
}

async function open(): Promise<Socket> {
  const socket = connect({ port: argument.port, host: "127.0.0.1", noDelay: true });
  socket.on("error", (error) => fail(error.message));
  socket.on("close", () => fail("the server closed a connection"));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  for (const step of argument.setup) await exchange(socket, Buffer.from(step.hex, "hex"), step.responseLength);
  return socket;
}

function pump(socket: Socket): void {
  let received = 0;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received < argument.responseLength) return;
    if (received > argument.responseLength) fail(`answer of ${received} bytes, ${argument.responseLength} expected`);
    received = 0;
    if (running) requests += 1;
    socket.write(request);
  });
  socket.write(request);
}

const sockets = await Promise.all(Array.from({ length: argument.connections }, open));
for (const socket of sockets) pump(socket);
await new Promise((resolve) => setTimeout(resolve, 500));
running = true;
const started = process.hrtime.bigint();
setTimeout(() => {
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  process.send?.({ requests, seconds }, () => process.exit(0));
}, argument.seconds * 1000);
