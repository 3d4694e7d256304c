import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, fromHex, toHex } from "../../../cosem/codec/bytes.js";
import {
  compileLayout,
  type DecodedTelegram,
  decodeApplication,
  type Layout,
  locateSlot,
  matchesLayout,
  packPayload,
  readHeader,
  readSlot,
  readSlots,
  shapeOf,
  slotIdentity,
  unpackPayload,
} from "../../../src/mbus/index.js";
import { readouts } from "./support/vectors.js";

const all = readouts();

/** A long header as a meter sends it, with the access number given. */
function withHeader(records: string, accessNumber = "05"): Uint8Array {
  return fromHex(`72 78563412 2423 01 07 ${accessNumber} 00 0000 ${records}`);
}

function identities(records: string): string[] {
  return compileLayout(packPayload([withHeader(records)])).slots.map(slotIdentity);
}

function decodedOrRefused(payload: Uint8Array): DecodedTelegram[] | DecodeError {
  try {
    return unpackPayload(payload).map(decodeApplication);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/** Reading by layout gives what the decoder gives, or the layout does not match. */
function expectAgreement(layout: Layout, payload: Uint8Array): void {
  if (!matchesLayout(layout, payload)) return;
  const decoded = decodedOrRefused(payload);
  if (decoded instanceof DecodeError) throw decoded;
  const records = decoded.flatMap((telegram) => telegram.records);
  const values = records.map((record) => record.value);
  expect(readSlots(layout, payload)).toEqual(values);
  expect(layout.slots.map((slot) => readSlot(layout, slot.index, payload))).toEqual(values);
  expect(layout.slots.map((slot) => toHex(slot.header))).toEqual(records.map((record) => toHex(record.header)));
  const first = decoded[0];
  expect(readHeader(layout, payload)).toEqual({
    accessNumber: first?.meter.accessNumber ?? null,
    status: first?.meter.status ?? null,
    signature: first?.configurationWord ?? null,
  });
}

describe("packed payloads", () => {
  it("keeps telegrams with their lengths in front", () => {
    const payload = packPayload([fromHex("7801"), fromHex("78")]);
    expect(toHex(payload)).toBe("00027801000178");
    expect(unpackPayload(payload).map(toHex)).toEqual(["7801", "78"]);
  });

  it("refuses a payload that ends inside a telegram", () => {
    expect(() => unpackPayload(fromHex("000278"))).toThrow(DecodeError);
    expect(() => unpackPayload(fromHex("00"))).toThrow(DecodeError);
  });
});

describe("layouts", () => {
  it.each(all)("reads $id as the decoder does", ({ data }) => {
    const payload = packPayload([data]);
    const layout = compileLayout(payload);
    expect(matchesLayout(layout, payload)).toBe(true);
    expect(layout.slots.length).toBe(decodeApplication(data).records.length);
    expectAgreement(layout, payload);
  });

  it("reads readouts of several telegrams", () => {
    const payload = packPayload(all.slice(0, 5).map((readout) => readout.data));
    const layout = compileLayout(payload);
    expect(matchesLayout(layout, payload)).toBe(true);
    expectAgreement(layout, payload);
  });

  it("agrees with the decoder on mutated telegrams, or does not match", () => {
    const index = fc.nat({ max: all.length - 1 });
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(index, index, changes, (first, second, edits) => {
        const payload = packPayload([all[first]?.data ?? new Uint8Array(0), all[second]?.data ?? new Uint8Array(0)]);
        const layout = compileLayout(payload);
        const mutated = payload.slice();
        for (const [place, byte] of edits) mutated[place % mutated.length] = byte;
        expectAgreement(layout, mutated);
      }),
      { numRuns: 1500 },
    );
  });

  it("matches a telegram whose data alone differs, at every data byte", () => {
    for (const { data } of all) {
      const payload = packPayload([data]);
      const layout = compileLayout(payload);
      for (const slot of layout.slots) {
        const { offset, length } = locateSlot(layout, slot.index, payload);
        const changed = payload.slice();
        changed.fill(0x37, offset, offset + length);
        expect(matchesLayout(layout, changed)).toBe(true);
        expectAgreement(layout, changed);
      }
    }
  });

  it("finds data behind a text of another length", () => {
    const short = packPayload([withHeader("0d 78 02 3231 04 13 07000000 0d fd11 01 41 02 fd17 0100")]);
    const long = packPayload([withHeader("0d 78 04 34333231 04 13 09000000 0d fd11 02 4241 02 fd17 0200", "77")]);
    const layout = compileLayout(short);
    expect(matchesLayout(layout, long)).toBe(true);
    expect(readSlot(layout, 1, long)).toEqual({ kind: "integer", value: 9 });
    expect(readSlot(layout, 2, long)).toEqual({ kind: "text", value: "AB" });
    expect(readSlot(layout, 3, long)).toEqual({ kind: "integer", value: 2 });
    expect(readHeader(layout, long).accessNumber).toBe(0x77);
    expect(toHex(shapeOf(long))).toBe(toHex(shapeOf(short)));
    expectAgreement(layout, long);
  });

  it("takes manufacturer data of any length as the same shape", () => {
    const one = packPayload([withHeader("04 13 07000000 0f 01"), withHeader("04 06 01000000")]);
    const other = packPayload([withHeader("04 13 08000000 0f 010203"), withHeader("04 06 02000000")]);
    const layout = compileLayout(one);
    expect(matchesLayout(layout, other)).toBe(true);
    expect(readSlot(layout, 1, other)).toEqual({ kind: "integer", value: 2 });
    expect(matchesLayout(layout, packPayload([withHeader("04 13 08000000"), withHeader("04 06 02000000")]))).toBe(
      false,
    );
  });

  it("has another shape with another header, order or fillers", () => {
    const shapes = ["04 13 07000000", "04 14 07000000", "2f 04 13 07000000", "04 13 07000000 2f", "44 13 07000000"];
    const keys = shapes.map((records) => toHex(shapeOf(packPayload([withHeader(records)]))));
    expect(new Set(keys).size).toBe(shapes.length);
  });

  it("refuses what the decoder refuses", () => {
    expect(() => compileLayout(packPayload([fromHex("7008")]))).toThrow(/applicationError/);
    expect(() => compileLayout(packPayload([withHeader("04 13 0700")]))).toThrow(/truncated/);
    expect(() => shapeOf(packPayload([fromHex("79 1122 3344")]))).toThrow(/formatUnknown/);
  });

  it("does not match an encrypted telegram of equal headers", () => {
    const plain = withHeader("04 13 07000000");
    const layout = compileLayout(packPayload([plain]));
    const encrypted = plain.slice();
    encrypted.set([0x10, 0x05], 11);
    expect(matchesLayout(layout, packPayload([plain]))).toBe(true);
    expect(matchesLayout(layout, packPayload([encrypted]))).toBe(false);
  });
});

describe("the identity of a slot", () => {
  it("is the same for every scale and coding of a value", () => {
    const [first] = identities("04 06 01000000");
    for (const records of ["04 07 01000000", "0c 05 01000000", "04 8673 01000000", "04 867d 01000000"]) {
      expect(identities(records)).toEqual([first]);
    }
  });

  it("is the same with a record error", () => {
    expect(identities("02 da15 0000")).toEqual(identities("02 5b 0000"));
    expect(identities("02 dabc18 0000")).toEqual(identities("02 da3c 0000"));
  });

  it("differs by function, storage, tariff, subunit, quantity, VIFE and occurrence", () => {
    const records = [
      "0406",
      "1406",
      "4406",
      "841006",
      "844006",
      "040e",
      "04863c",
      "04fb02",
      "0410",
      "04ff06",
      "04fd06",
    ];
    const found = records.map((header) => identities(`${header} 01000000`)[0]);
    expect(new Set(found).size).toBe(records.length);
    const twice = identities("04 06 01000000 04 06 02000000");
    expect(twice[0]).not.toBe(twice[1]);
    expect(twice[1]).toBe(identities("04 07 01000000 04 05 02000000")[1]);
  });

  it("has a form that does not change", () => {
    expect(identities("8c20863c 01000000 02 fdc9fc01 e600 02 fc035225 4874 0100")).toEqual([
      "inst/0/2/0/003c/0",
      "inst/0/0/0/fd407c01/0",
      "inst/0/0/0/7c482552./0",
    ]);
  });
});
