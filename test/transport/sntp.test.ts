import { createSocket, type Socket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import { askSntp, encodeSntpRequest, readSntpAnswer } from "../../src/transport/index.js";
import { systemClock } from "../support/system-clock.js";

/** RFC 5905: seconds of an era begin with 1900, 2208988800 s before 1970; the second era with 2036-02-07T06:28:16Z. */
const toNtp = (instantMs: number): number => (instantMs / 1000 + 2_208_988_800) % 2 ** 32;

function timestamp(packet: Uint8Array, offset: number, instantMs: number): void {
  const view = new DataView(packet.buffer, packet.byteOffset);
  const seconds = toNtp(instantMs);
  view.setUint32(offset, Math.floor(seconds));
  view.setUint32(offset + 4, Math.floor((seconds % 1) * 2 ** 32));
}

/** A server's packet: leap 0, version 4, mode 4, stratum 2; received and sent there at these moments. */
function answerTo(request: Uint8Array, receivedMs: number, sentMs: number): Uint8Array {
  const packet = new Uint8Array(48);
  packet[0] = 0b00_100_100;
  packet[1] = 2;
  packet.set(request.subarray(40, 48), 24);
  timestamp(packet, 32, receivedMs);
  timestamp(packet, 40, sentMs);
  return packet;
}

const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const question = encodeSntpRequest(nonce);
const noon = Date.parse("2026-11-23T12:00:00Z");

describe("SNTP", () => {
  it("asks with version 4 as a client, and a transmit timestamp that nobody can guess", () => {
    expect([...question]).toEqual([0x23, ...new Array(39).fill(0), ...nonce]);
  });

  it("reckons the offset as ((T2 - T1) + (T3 - T4)) / 2 and the way as (T4 - T1) - (T3 - T2)", () => {
    // The server is 10 s ahead; 30 ms there, 4 ms within it, 30 ms back.
    const answer = readSntpAnswer(answerTo(question, noon + 10_030, noon + 10_034), nonce, noon, noon + 64);
    expect(answer).toMatchObject({ stratum: 2 });
    if (typeof answer === "string") return;
    expect(answer.offsetMs).toBeCloseTo(10_000, 2);
    expect(answer.roundTripMs).toBeCloseTo(60, 2);
  });

  it("reads times of the second era, from 7 February 2036 on", () => {
    const later = Date.parse("2040-01-01T00:00:00Z");
    const answer = readSntpAnswer(answerTo(question, later, later), nonce, noon, noon);
    expect(typeof answer === "string" ? answer : answer.offsetMs).toBeCloseTo(later - noon, 2);
  });

  it.each<[string, (packet: Uint8Array) => Uint8Array]>([
    ["the answer is too short", (packet) => packet.subarray(0, 47)],
    ["the answer is not a server's", (packet) => packet.with(0, 0x23)],
    ["the answer is to another question", (packet) => packet.with(24, 9)],
    ["the server has no time itself", (packet) => packet.with(0, 0xe4)],
    ["the server has no time itself", (packet) => packet.with(1, 16)],
    ["the server refuses (RATE)", (packet) => packet.with(1, 0).with(12, 82).with(13, 65).with(14, 84).with(15, 69)],
    ["the server has no time itself", (packet) => packet.fill(0, 40, 48)],
  ])("says: %s", (words, change) => {
    expect(readSntpAnswer(change(answerTo(question, noon, noon)), nonce, noon, noon)).toBe(words);
  });
});

describe("asking over UDP", () => {
  let server: Socket | undefined;
  afterEach(() => server?.close());

  async function serve(answer: (request: Uint8Array) => readonly Uint8Array[]): Promise<number> {
    const socket = createSocket("udp4");
    server = socket;
    socket.on("message", (request, { port, address }) => {
      for (const packet of answer(request)) socket.send(packet, port, address);
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return socket.address().port;
  }

  it("takes a server's time, and none from a packet that answers no question of ours", async () => {
    const port = await serve((request) => {
      const now = Date.now() + 7_200_000;
      return [answerTo(question, 0, 0), answerTo(request, now, now)];
    });
    const answer = await askSntp({ host: "127.0.0.1", port }, { clock: systemClock, timeoutMs: 20_000 });
    expect(Math.abs(answer.offsetMs - 7_200_000)).toBeLessThan(10_000);
  });

  it("gives up after its time, in words", async () => {
    const port = await serve(() => []);
    const asked = askSntp({ host: "127.0.0.1", port }, { clock: systemClock, timeoutMs: 50 });
    await expect(asked).rejects.toThrow(`time server 127.0.0.1:${port} does not answer within 0.05 s`);
  });

  it("ends when it is told", async () => {
    const port = await serve(() => []);
    const signal = AbortSignal.timeout(20);
    await expect(
      askSntp({ host: "127.0.0.1", port }, { clock: systemClock, timeoutMs: 60_000, signal }),
    ).rejects.toThrow("stopped");
  });
});
