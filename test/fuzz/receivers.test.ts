import fc from "fast-check";
import { expect, it } from "vitest";
import { DecodeError } from "../../cosem/codec/bytes.js";
import { createReceiverDriver, inspectWireless, type ReceiverTypeName, receiverTypes } from "../../src/mbus/index.js";
import { streamBytes, streamCases } from "../mbus/receivers/streams.js";

const types = Object.keys(receiverTypes) as ReceiverTypeName[];
const streams = streamCases.map(streamBytes);
/** Whole streams, streams with a byte changed, lost or doubled, their beginnings, and anything. */
const piece = fc.oneof(
  fc.constantFrom(...streams),
  fc.tuple(fc.constantFrom(...streams), fc.nat(2000), fc.nat(255)).map(([stream, at, byte]) => {
    return stream.with(at % stream.length, byte);
  }),
  fc.tuple(fc.constantFrom(...streams), fc.nat(2000), fc.nat(3)).map(([stream, at, count]) => {
    const place = at % stream.length;
    return Uint8Array.from([...stream.subarray(0, place), ...stream.subarray(place + 2 - count)]);
  }),
  fc.tuple(fc.constantFrom(...streams), fc.nat(2000)).map(([stream, at]) => stream.subarray(0, at % stream.length)),
  fc.uint8Array({ maxLength: 60 }),
);
const stream = fc.array(piece, { maxLength: 6 }).map((pieces) => Uint8Array.from(pieces.flatMap((part) => [...part])));
const cuts = fc.array(fc.nat(4000), { maxLength: 12 });
/** The longest message of a binary protocol, or the longest line. */
const mostKept = 8192;

it("gives the same events wherever the stream is cut, keeps little, and never throws", () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.boolean(), stream, cuts, (type, appendsRssi, bytes, places) => {
      const make = () => createReceiverDriver(type, { mode: "CT", appendsRssi });
      const whole = make();
      const expected = [...whole.push(bytes), ...whole.flush()];
      const cut = make();
      const ends = [...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
      let start = 0;
      const found = ends.flatMap((end) => {
        const events = cut.push(bytes.subarray(start, end));
        start = end;
        expect(cut.pendingBytes).toBeLessThanOrEqual(mostKept);
        return events;
      });
      expect([...found, ...cut.flush()]).toEqual(expected);
      expect(cut.pendingBytes).toBe(0);
    }),
    { numRuns: 300 },
  );
});

it("gives telegrams that the link layer reads or refuses with a reason", () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), stream, (type, bytes) => {
      for (const event of createReceiverDriver(type, { mode: "T", appendsRssi: false }).push(bytes)) {
        if (event.kind !== "telegram") continue;
        try {
          inspectWireless(event.bytes, event.frameFormat);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }
    }),
    { numRuns: 300 },
  );
});
