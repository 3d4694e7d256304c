import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import {
  encodeLinkFrame,
  LinkMaster,
  LinkSlave,
  LinkStreamDecoder,
  type MasterEvent,
  type MeterTarget,
  parseSecondaryAddress,
  provesFabricationNumber,
} from "../../src/mbus/index.js";
import { quickSettings } from "../mbus/link/dialogue.js";

const frames = [
  "e5",
  "1040fe3e16",
  "107bfd7816",
  "105b025d16",
  "680b0b6853fd5278563412244001072216",
  "681515680802727856341224400107130000000c78040302019d16",
  "68040468080170007916",
  "68040468080270088216",
];
/** Whole frames, broken ones, bytes that look like beginnings, and anything. */
const piece = fc.oneof(
  fc.constantFrom(...frames).map(fromHex),
  fc.tuple(fc.constantFrom(...frames), fc.nat(40), fc.nat(255)).map(([hex, at, byte]) => {
    const bytes = fromHex(hex);
    return bytes.with(at % bytes.length, byte);
  }),
  fc.tuple(fc.constantFrom(...frames), fc.nat(40)).map(([hex, at]) => fromHex(hex).subarray(0, at)),
  fc.constantFrom("68", "10", "6868", "68ffff68", "16", "e5").map(fromHex),
  fc.uint8Array({ maxLength: 30 }),
);
const stream = fc.array(piece, { maxLength: 12 }).map((pieces) => Uint8Array.from(pieces.flatMap((part) => [...part])));
const cuts = fc.array(fc.nat(400), { maxLength: 20 });

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((one, other) => one - other),
    bytes.length,
  ];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe("stream decoder", () => {
  it("gives the same frames wherever the stream is cut, and keeps at most one frame", () => {
    fc.assert(
      fc.property(stream, cuts, fc.constantFrom("master", "slave", "monitor"), (bytes, places, listener) => {
        const whole = new LinkStreamDecoder(listener);
        const cut = new LinkStreamDecoder(listener);
        const expected = [...whole.push(bytes), ...whole.flush()].map(encodeLinkFrame).map(toHex);
        const found = cutAt(bytes, places).flatMap((part) => {
          const got = cut.push(part);
          expect(cut.pendingBytes).toBeLessThanOrEqual(261);
          return got;
        });
        expect([...found, ...cut.flush()].map(encodeLinkFrame).map(toHex)).toEqual(expected);
        expect([cut.skippedBytes, cut.echoedFrames]).toEqual([whole.skippedBytes, whole.echoedFrames]);
        expect(cut.pendingBytes).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
  it("finds a sound frame behind any 300 bytes, once the line fell silent", () => {
    const sound = fromHex("681515680802727856341224400107130000000c78040302019d16");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
        const decoder = new LinkStreamDecoder("master");
        decoder.push(garbage);
        decoder.flush();
        expect(decoder.push(sound).map(encodeLinkFrame).map(toHex)).toEqual([toHex(sound)]);
      }),
      { numRuns: 500 },
    );
  });
});

const targets: readonly MeterTarget[] = [
  { kind: "primary", address: 2 },
  { kind: "primary", address: 2, expected: parseSecondaryAddress("1234567824400107") },
  { kind: "primary", address: 254 },
  { kind: "secondary", mask: parseSecondaryAddress("1234567824400107") },
  { kind: "secondary", mask: parseSecondaryAddress("FFFFFFFFFFFFFFFF") },
];
const target = fc.constantFrom(...targets);

describe("master", () => {
  it("ends every job whatever arrives, in bounded time and number of requests", () => {
    const arrival = fc.tuple(fc.nat(1500), piece);
    fc.assert(
      fc.property(target, fc.array(arrival, { maxLength: 40 }), fc.boolean(), (meter, arrivals, more) => {
        const master = new LinkMaster({ settings: quickSettings, moreFollows: () => more, provesFabricationNumber });
        let now = 0;
        let sent = 0;
        let finished = 0;
        const act = (events: readonly MasterEvent[]) => {
          sent += events.filter((event) => event.kind === "send").length;
          finished += events.filter((event) => event.kind === "finished").length;
        };
        act(master.readMeter(meter, now));
        for (const [waitMs, bytes] of arrivals) {
          const until = now + waitMs;
          for (let due = master.nextDeadline(); due !== undefined && due <= until; due = master.nextDeadline()) {
            now = Math.max(now, due);
            act(master.expire(now));
          }
          now = until;
          act(master.receive(bytes, now));
        }
        for (let due = master.nextDeadline(); due !== undefined; due = master.nextDeadline()) {
          now = Math.max(now, due);
          act(master.expire(now));
        }
        expect([finished, master.isBusy]).toEqual([1, false]);
        // 32 telegrams, each with its tries, and reselections: far below this.
        expect(sent).toBeLessThan(200);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("slave", () => {
  it("answers any frames with whole frames or silence", () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const slave = new LinkSlave({
          primaryAddress: 2,
          secondaryAddress: parseSecondaryAddress("1234567824400107"),
          readout: () => [Uint8Array.of(0x78, 0x1f), Uint8Array.of(0x78)],
        });
        for (const frame of new LinkStreamDecoder("monitor").push(bytes)) {
          const answer = slave.receive(frame);
          if (answer === undefined) continue;
          expect(new LinkStreamDecoder("master").push(answer.bytes).length).toBe(1);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
