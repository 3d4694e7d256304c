/** Random and mutated bytes at both ends of HDLC: nothing is thrown, nothing hangs, nothing grows, others are served. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createHdlcClient,
  createHdlcDecoder,
  createHdlcServer,
  encodeHdlcFrame,
  fromHex,
  type HdlcReceived,
  type HdlcServerEvent,
  hdlcAddress,
  toHex,
} from "../../cosem/index.js";
import { channelPair } from "../support/channel-pair.js";
import { createHdlcDoor, hdlcDoorTranscripts } from "../support/hdlc-door.js";
import { frameHex, hdlcTranscripts } from "../support/hdlc-frames.js";
import { manualClock } from "../support/manual-clock.js";

const recorded = hdlcTranscripts("hdlc").flatMap(({ steps }) => steps.map(({ bytes }) => bytes));
const octet = fc.nat({ max: 255 });
/** Good frames with any control field and addresses that are near the mark, in any order. */
const goodFrame = fc
  .record({
    destination: fc.constantFrom("03", "05", "ff", "0223", "02ff", "00020023", "fefefeff", "000003"),
    source: fc.constantFrom("23", "25", "ff", "01", "0223"),
    control: octet.map((value) => value.toString(16).padStart(2, "0")),
    information: fc.oneof(
      fc.constant(""),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => `e6e600${toHex(bytes)}`),
      fc.uint8Array({ maxLength: 300 }).map(toHex),
    ),
    isSegmented: fc.boolean(),
  })
  .map(frameHex);
const mutated = fc
  .tuple(fc.constantFrom(...recorded), fc.array(fc.tuple(fc.nat(), octet), { maxLength: 3 }))
  .map(([hex, changes]) => {
    const bytes = fromHex(hex);
    for (const [place, value] of changes) bytes[place % bytes.length] = value;
    return toHex(bytes);
  });
const piece = fc.oneof(
  { weight: 3, arbitrary: goodFrame },
  { weight: 3, arbitrary: mutated },
  { weight: 2, arbitrary: fc.constantFrom(...recorded, "7ea007032393bf327e") },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map(toHex) },
);
const stream = fc.array(piece, { maxLength: 30 }).map((pieces) => fromHex(pieces.join("")));
const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });

function* cutUp(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] as number;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const inWords = (received: readonly HdlcReceived[]) =>
  received.map((one) => (one.kind === "frame" ? toHex(encodeHdlcFrame(one.frame)) : one.fault));

describe("fuzz of HDLC", () => {
  it("cutting a stream elsewhere changes nothing that the decoder says", () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, sizes) => {
        const whole = createHdlcDecoder();
        const wanted = [...inWords(whole.push(bytes)), ...inWords(whole.expire())];
        const decoder = createHdlcDecoder();
        const got = [...cutUp(bytes, sizes)].flatMap((chunk) => inWords(decoder.push(chunk)));
        got.push(...inWords(decoder.expire()));
        expect(got).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it("a station takes any stream, answers no more than it is polled, and serves afterwards", () => {
    fc.assert(
      fc.property(stream, cuts, fc.boolean(), (bytes, sizes, isSlow) => {
        const station = createHdlcServer({
          parameters: { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 3, windowReceive: 3 },
          physicalDevice: 17,
          hasDevice: (sap) => sap < 3,
          maxApduBytes: 1024,
          interOctetTimeoutMs: 100,
          inactivityTimeoutMs: 1000,
        });
        let sent = 0;
        const act = (events: readonly HdlcServerEvent[]): void => {
          for (const event of events) {
            if (event.kind === "send") sent += event.bytes.length;
            if (event.kind !== "request" || isSlow) continue;
            station.respond(event.link, event.apdu);
            act(station.processed(event.link));
          }
        };
        let now = 0;
        for (const chunk of cutUp(bytes, sizes)) {
          now += 10;
          act(station.receive(chunk, now));
        }
        // At most a window of three frames, or a UA, for each seven octets of a smallest frame.
        expect(sent).toBeLessThanOrEqual((bytes.length / 8 + 1) * 3 * 150);
        expect(station.nextDeadline() ?? now + 1000).toBeLessThanOrEqual(now + 1000);
        act(station.expire(now + 100));
        sent = 0;
        act(station.receive(fromHex("7ea007032393bf327e"), now + 200));
        expect(sent).toBe(32);
        act(station.expire(now + 2000));
        expect(station.nextDeadline()).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("a client takes any stream", () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, sizes) => {
        const link = createHdlcClient({ clientSap: 17, server: hdlcAddress(1) });
        link.connect(0);
        let now = 0;
        for (const chunk of cutUp(bytes, sizes)) {
          now += 10;
          link.receive(chunk, now);
          if (link.isConnected) link.send(fromHex("c001c1"), now);
        }
        let calls = 0;
        for (let due = link.nextDeadline(); due !== undefined && calls < 1000; due = link.nextDeadline()) {
          link.expire(due);
          calls++;
        }
        expect(calls).toBeLessThan(200);
      }),
      { numRuns: 500 },
    );
  });

  it("the door takes any stream and serves the next dialogue", async () => {
    const [transcript] = hdlcDoorTranscripts;
    if (transcript === undefined) throw new Error("hdlc.json is empty");
    await fc.assert(
      fc.asyncProperty(stream, async (bytes) => {
        const clock = manualClock();
        const [near, far] = channelPair();
        createHdlcDoor(transcript, clock).serve(far, "fuzz");
        let answer = "";
        near.listen({
          received: (chunk) => {
            answer += toHex(chunk);
          },
          closed: () => undefined,
        });
        await near.write(bytes);
        await clock.advance(1000);
        answer = "";
        for (const { direction, bytes: frame } of transcript.steps.slice(0, 6)) {
          if (direction === ">") await near.write(fromHex(frame));
          await clock.advance(1);
        }
        const last = transcript.steps[5]?.bytes ?? "";
        expect(answer.endsWith(last)).toBe(true);
        await near.close();
        await clock.advance(1);
        expect(clock.waiting).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
