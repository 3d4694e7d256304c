import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createWrapperDecoder,
  type Data,
  DecodeError,
  decodeAare,
  decodeAarq,
  decodeActionRequest,
  decodeActionResponse,
  decodeConfirmedServiceError,
  decodeData,
  decodeExceptionResponse,
  decodeGetRequest,
  decodeGetResponse,
  decodeInformationReport,
  decodeInitiateRequest,
  decodeInitiateResponse,
  decodeReadRequest,
  decodeReadResponse,
  decodeRlre,
  decodeRlrq,
  decodeSetRequest,
  decodeSetResponse,
  decodeUnconfirmedWriteRequest,
  decodeWriteRequest,
  decodeWriteResponse,
  encodeActionRequest,
  encodeActionResponse,
  encodeData,
  encodeGetRequest,
  encodeGetResponse,
  encodeInformationReport,
  encodeReadRequest,
  encodeReadResponse,
  encodeSetRequest,
  encodeSetResponse,
  encodeUnconfirmedWriteRequest,
  encodeWrapperFrame,
  encodeWriteRequest,
  encodeWriteResponse,
  toHex,
  type WrapperFrame,
} from "../../cosem/index.js";

const decoders = {
  decodeData,
  decodeAarq,
  decodeAare,
  decodeRlrq,
  decodeRlre,
  decodeInitiateRequest,
  decodeInitiateResponse,
  decodeGetRequest,
  decodeGetResponse,
  decodeSetRequest,
  decodeSetResponse,
  decodeActionRequest,
  decodeActionResponse,
  decodeExceptionResponse,
  decodeConfirmedServiceError,
  decodeReadRequest,
  decodeReadResponse,
  decodeWriteRequest,
  decodeWriteResponse,
  decodeUnconfirmedWriteRequest,
  decodeInformationReport,
} as const;

function valueOrDecodeError<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** First bytes that lead deep into a decoder, then anything. */
const apduLike = fc
  .tuple(
    fc.constantFrom(
      "",
      "c001c1",
      "c003c101",
      "c102c1",
      "c104c102",
      "c301c1",
      "c305c101",
      "c401c100",
      "c402c101",
      "6036a109",
      "60",
      "13",
      "0102",
      "1302",
      "01000000065f1f0400",
      "050104fd0802",
      "05010600000104",
      "060102010801",
      "0c0200",
      "0c010201000204",
      "180001020108",
    ),
    fc.uint8Array({ maxLength: 80 }),
  )
  .map(([start, rest]) => Uint8Array.from([...Buffer.from(start, "hex"), ...rest]));

describe("any bytes", () => {
  it.each(Object.entries(decoders))("give a value or a DecodeError in %s", (_, decode) => {
    fc.assert(
      fc.property(apduLike, (bytes) => {
        valueOrDecodeError(() => decode(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});

const roundTrips: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
  ["get-request", (bytes) => encodeGetRequest(decodeGetRequest(bytes))],
  ["get-response", (bytes) => encodeGetResponse(decodeGetResponse(bytes))],
  ["set-request", (bytes) => encodeSetRequest(decodeSetRequest(bytes))],
  ["set-response", (bytes) => encodeSetResponse(decodeSetResponse(bytes))],
  ["action-request", (bytes) => encodeActionRequest(decodeActionRequest(bytes))],
  ["action-response", (bytes) => encodeActionResponse(decodeActionResponse(bytes))],
  ["read-request", (bytes) => encodeReadRequest(decodeReadRequest(bytes))],
  ["read-response", (bytes) => encodeReadResponse(decodeReadResponse(bytes))],
  ["write-request", (bytes) => encodeWriteRequest(decodeWriteRequest(bytes))],
  ["write-response", (bytes) => encodeWriteResponse(decodeWriteResponse(bytes))],
  ["unconfirmed-write", (bytes) => encodeUnconfirmedWriteRequest(decodeUnconfirmedWriteRequest(bytes))],
  ["information-report", (bytes) => encodeInformationReport(decodeInformationReport(bytes))],
];

describe("what decodes", () => {
  it.each(roundTrips)("encodes to bytes that decode to the same again: %s", (_, again) => {
    fc.assert(
      fc.property(apduLike, (bytes) => {
        const once = valueOrDecodeError(() => again(bytes));
        if (once !== undefined) expect(toHex(again(once))).toBe(toHex(once));
      }),
      { numRuns: 2000 },
    );
  });
});

const plainData: fc.Arbitrary<Data> = fc.oneof(
  fc.constant<Data>({ type: "null-data" }),
  fc.boolean().map((value): Data => ({ type: "boolean", value })),
  fc.integer({ min: -128, max: 127 }).map((value): Data => ({ type: "integer", value })),
  fc.integer({ min: 0, max: 0xffffffff }).map((value): Data => ({ type: "double-long-unsigned", value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Data => ({ type: "long64", value })),
  fc.double({ noNaN: true }).map((value): Data => ({ type: "float64", value })),
  fc.uint8Array({ maxLength: 300 }).map((value): Data => ({ type: "octet-string", value })),
  fc.string({ unit: "grapheme", maxLength: 40 }).map((value): Data => ({ type: "utf8-string", value })),
);
const anyData = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    plainData,
    fc.array(tie("data"), { maxLength: 5 }).map((value): Data => ({ type: "array", value })),
    fc.array(tie("data"), { maxLength: 5 }).map((value): Data => ({ type: "structure", value })),
  ),
})).data;

it("any data encodes to bytes that decode to it", () => {
  fc.assert(
    fc.property(anyData, (data) => {
      expect(decodeData(encodeData(data))).toEqual(data);
    }),
    { numRuns: 1000 },
  );
});

const frame: fc.Arbitrary<WrapperFrame> = fc.record({
  sourceWPort: fc.integer({ min: 0, max: 0xffff }),
  destinationWPort: fc.integer({ min: 0, max: 0xffff }),
  apdu: fc.uint8Array({ maxLength: 60 }),
});

/** Hands the stream over in pieces of these lengths, over and over. */
function pushInPieces(stream: Uint8Array, lengths: readonly number[]) {
  const decoder = createWrapperDecoder(1024);
  const frames: unknown[] = [];
  let offset = 0;
  for (let turn = 0; offset < stream.length; turn++) {
    const end = offset + (lengths[turn % lengths.length] ?? 1);
    try {
      frames.push(...decoder.push(stream.slice(offset, end)).map(shown));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { frames: [...frames, ...decoder.framesBeforeError.map(shown)], reason: error.reason };
    }
    offset = end;
  }
  return { frames, reason: undefined };
}

function shown(one: WrapperFrame) {
  return { ...one, apdu: toHex(one.apdu) };
}

const pieceLengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

describe("the wrapper", () => {
  it("finds the same frames wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), pieceLengths, (frames, lengths) => {
        const stream = Uint8Array.from(frames.flatMap((one) => [...encodeWrapperFrame(one)]));
        expect(pushInPieces(stream, lengths).frames).toEqual(frames.map(shown));
      }),
      { numRuns: 1000 },
    );
  });

  it("finds the same frames and the same fault in any bytes, wherever they are cut", () => {
    const start = fc.array(frame, { maxLength: 3 });
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), pieceLengths, (frames, rest, lengths) => {
        const stream = Uint8Array.from([...frames.flatMap((one) => [...encodeWrapperFrame(one)]), ...rest]);
        expect(pushInPieces(stream, lengths)).toEqual(pushInPieces(stream, [stream.length || 1]));
      }),
      { numRuns: 1000 },
    );
  });
});
