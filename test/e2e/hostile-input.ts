/** What a hostile or broken peer sends to a door. Good requests are literals from the protocols' documents. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Doors } from "../support/gateway-process.js";

export type Door = keyof Doors;

const fromHex = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
const text = (...lines: string[]) => Buffer.from(`${lines.join("\r\n")}\r\n`, "latin1");

/** AARQ of client 16 to server 1, no security, LN referencing (test/transcripts/acse.json). */
const aarq = "60 1d a109 0607 60857405080101 be10 040e 01000000 065f1f04 00007e1f ffff";
const wrapped = (apdu: string, length = fromHex(apdu).length) =>
  fromHex(`0001 0010 0001 ${length.toString(16).padStart(4, "0")} ${apdu}`);

const goodRequests: Readonly<Record<Door, Buffer>> = {
  web: text("POST /api/v1/meters HTTP/1.1", "Host: localhost", "Content-Length: 20", "", "0123456789012345678"),
  dlms: Buffer.concat([wrapped(aarq), wrapped("c001c1 0011 0000290000ff 02 00")]),
  // MBAP of the Modbus messaging guide: transaction 1, length 6, unit 1; read 4 holding registers from 0
  modbus: fromHex("0001 0000 0006 01 03 0000 0004"),
};

/** Length fields that promise far more than comes, or more than can be. */
const hugeLengths: Readonly<Record<Door, readonly Buffer[]>> = {
  web: [
    text("POST /api/v1/meters HTTP/1.1", "Host: localhost", "Content-Length: 99999999999999", "", "x"),
    text("POST /api/v1/meters HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", "", "FFFFFFFFFFFFFFF", "x"),
    text("GET /api/v1/meters HTTP/1.1", "Host: localhost", `X-Long: ${"x".repeat(1_000_000)}`, ""),
    text(`GET /${"x".repeat(1_000_000)} HTTP/1.1`, "Host: localhost", ""),
    text("GET /api/v1/meters?limit=99999999999999999999 HTTP/1.1", "Host: localhost", ""),
    text("GET /api/v1/meters HTTP/1.1", "Host: localhost", ...new Array(50_000).fill("A: b"), ""),
  ],
  dlms: [
    wrapped(aarq, 0xffff),
    // lengths inside: the AARQ itself, its user-information, an octet-string, an array of a SET
    wrapped("60 84ffffffff a109 0607 60857405080101"),
    wrapped("60 1d a109 0607 60857405080101 be84ffffffff 0484ffffffff 01000000"),
    Buffer.concat([wrapped(aarq), wrapped("c101c1 0001 0000600100ff 02 00 0984ffffffff 00")]),
    Buffer.concat([wrapped(aarq), wrapped("c101c1 0001 0000600100ff 02 00 0184ffffffff 00")]),
    // arrays in arrays in arrays …
    Buffer.concat([wrapped(aarq), wrapped(`c101c1 0001 0000600100ff 02 00 ${"0101".repeat(480)}`)]),
    Buffer.concat([wrapped(aarq), wrapped("c003c1 84ffffffff 0001 0000600100ff 02 00")]),
    // next block of a transfer that never began
    Buffer.concat([
      wrapped(aarq),
      wrapped("c002c1 ffffffff"),
      wrapped("c102c1 0001 0000600100ff 02 00 00ffffffff 82ffff"),
    ]),
  ],
  modbus: [
    fromHex("0001 0000 ffff 01 03 0000 0004"),
    fromHex("0001 0000 0000 01 03 0000 0004"),
    fromHex("0001 0000 0006 01 03 0000 ffff"),
    fromHex("0001 0000 0006 01 03 ffff 007d"),
    fromHex("0001 ffff 0006 01 03 0000 0004"),
    // write 65,535 registers
    fromHex("0001 0000 0008 01 10 0000 ffff ff 00"),
  ],
};

/** Sends and waits for the other side to close, or a while; the answer does not matter here. */
function send(port: number, pieces: readonly Buffer[], waitMs: number, pauseMs = 0): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    socket.on("error", end);
    socket.on("close", end);
    socket.resume();
    socket.once("connect", async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        if (pauseMs > 0) await sleep(pauseMs);
      }
      timer = setTimeout(end, waitMs);
    });
  });
}

/** Runs tasks, so many at a time. */
async function inParallel(tasks: readonly (() => Promise<void>)[], width: number): Promise<void> {
  const waiting = tasks.values();
  const work = async () => {
    for (const task of waiting) await task();
  };
  await Promise.all(Array.from({ length: width }, work));
}

/** Bytes at random, alone and behind a good beginning. */
export function randomBytes(port: number, door: Door, random: () => number): Promise<void> {
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
  const beginning = goodRequests[door];
  const tasks = Array.from({ length: 100 }, (_, index) => {
    const length = Math.floor(random() * 4096) + 1;
    const pieces = index % 2 === 0 ? [noise(length)] : [beginning.subarray(0, index % beginning.length), noise(length)];
    return () => send(port, pieces, 50);
  });
  return inParallel(tasks, 8);
}

/** A good request, cut at every place; then silence, then the end. */
export function halfFrames(port: number, door: Door): Promise<void> {
  const whole = goodRequests[door];
  const tasks = Array.from({ length: whole.length }, (_, cut) => () => send(port, [whole.subarray(0, cut)], 20));
  return inParallel(tasks, 8);
}

export function hugeLengthFields(port: number, door: Door): Promise<void> {
  return inParallel(
    hugeLengths[door].map((bytes) => () => send(port, [bytes], 200)),
    4,
  );
}

/** Good requests, a byte at a time. */
export function slowSenders(port: number, door: Door): Promise<void> {
  const bytes = [...goodRequests[door].subarray(0, 60)].map((byte) => Buffer.of(byte));
  return inParallel(
    Array.from({ length: 8 }, () => () => send(port, bytes, 20, 20)),
    8,
  );
}

/** Good requests over and over, whose answers are never read. */
export async function neverReads(port: number, door: Door): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  socket.pause();
  const [first, then] =
    door === "dlms" ? [wrapped(aarq), wrapped("c001c1 0011 0000290000ff 02 00")] : [undefined, undefined];
  if (first !== undefined) socket.write(first);
  const web = text("GET /api/v1/meters?limit=500 HTTP/1.1", "Host: localhost", "");
  const again = then ?? (door === "web" ? web : goodRequests.modbus);
  const many = Buffer.concat(new Array(500).fill(again));
  for (let turn = 0; turn < 20 && !socket.destroyed; turn++) {
    socket.write(many);
    await sleep(25);
  }
  socket.destroy();
}

/** Connections at once: each says half of something and stays until all are there, or turned away. */
export async function crowd(port: number, door: Door, count: number): Promise<void> {
  const half = goodRequests[door].subarray(0, 7);
  const sockets = Array.from({ length: count }, () => connect({ host: "127.0.0.1", port }));
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.on("error", () => resolve());
          socket.on("close", () => resolve());
          socket.resume();
          socket.once("connect", () => socket.write(half, () => resolve()));
        }),
    ),
  );
  for (const socket of sockets) socket.destroy();
}
