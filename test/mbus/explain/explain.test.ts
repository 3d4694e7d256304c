import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../cosem/codec/bytes.js";
import {
  type ExplainedField,
  type Explanation,
  explainApplication,
  explainTelegram,
  explanationLines,
} from "../../../src/mbus/index.js";
import { testFile } from "../../support/repository.js";
import { wiredVectors } from "../application/support/vectors.js";

interface WirelessItem {
  readonly id: string;
  readonly hex: string;
  readonly key: string | null;
}

const wireless = (
  JSON.parse(readFileSync(testFile("vectors/mbus/corpus-wireless.json"), "utf8")) as { items: WirelessItem[] }
).items.filter(({ hex }) => hex.length % 2 === 0);

/** Fields follow each other from `start` to `end`, and so do the children of each. */
function expectCover(fields: readonly ExplainedField[], start: number, end: number): void {
  let next = start;
  for (const field of fields) {
    expect(field.offset).toBe(next);
    expect(field.length).toBeGreaterThan(0);
    if (field.children.length > 0) expectCover(field.children, field.offset, field.offset + field.length);
    if (field.inner !== undefined) expectWhole(field.inner);
    next += field.length;
  }
  expect(next).toBe(end);
}

function expectWhole(explanation: Explanation): void {
  expectCover(explanation.fields, 0, explanation.bytes.length);
  expect(explanationLines(explanation).length).toBeGreaterThan(0);
}

describe("an explained telegram", () => {
  it("covers every byte of every wired vector once, good or broken", () => {
    for (const { hex } of wiredVectors()) expectWhole(explainTelegram(fromHex(hex)));
  });

  it("covers every byte of every wireless vector once, with and without its key", () => {
    for (const { hex, key } of wireless) {
      expectWhole(explainTelegram(fromHex(hex), { isWireless: true }));
      const options = { isWireless: true, key: key === null ? undefined : fromHex(key) };
      expectWhole(explainTelegram(fromHex(hex), options));
    }
  });

  it("covers any bytes", () => {
    const seeds = [...wiredVectors().map(({ hex }) => hex), ...wireless.map(({ hex }) => hex)].map((hex) =>
      fromHex(hex),
    );
    const edit = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.nat(), fc.array(edit, { maxLength: 5 }), fc.nat({ max: 300 }), (seed, edits, length) => {
        const bytes = Uint8Array.from(seeds[seed % seeds.length] as Uint8Array).slice(0, length);
        for (const [place, byte] of edits) if (bytes.length > 0) bytes[place % bytes.length] = byte;
        expectWhole(explainTelegram(bytes));
        expectWhole(explainTelegram(bytes, { isWireless: true }));
        expectWhole(explainApplication(bytes));
      }),
      { numRuns: 1500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expectWhole(explainApplication(Uint8Array.of(0x78, ...bytes)));
        expectWhole(explainTelegram(bytes));
      }),
      { numRuns: 1500 },
    );
  });

  it("reads like this", () => {
    // 68 0B 0B 68, RSP_UD from 5, CI 78, 04 06 = 32-bit integer in kWh, 1234; sum 08+05+78+04+06+D2+04 = 65 hex.
    const lines = explanationLines(explainTelegram(fromHex("68 09 09 68 08 05 78 04 06 D2 04 00 00 65 16")));
    expect(lines).toEqual([
      "wired frame, 15 bytes",
      "  0 68                          start: long frame",
      "  1 09                          length = 9",
      "  2 09                          length again = 9",
      "  3 68                          start again",
      "  4 08                          C field: RSP_UD, answer with data = 08",
      "  5 05                          A field: primary address = 5",
      "  6                             application data",
      "  6 78                            CI field: readout, no header",
      "  7                               record: Energy = 1234000 Wh",
      "  7 04                              DIF: instantaneous value, 32-bit integer",
      "  8 06                              VIF: Energy in 10^3 Wh",
      "  9 D2 04 00 00                     data = 1234000 Wh",
      " 13 65                          checksum: right = 65",
      " 14 16                          stop",
    ]);
  });

  it("names a century that a clock codes", () => {
    // 00 minutes, hour byte 40 (hundreds 2), 41 31: day 1, month 1, year 26.
    const record = explainApplication(fromHex("78 04 6D 00 40 41 31")).fields[1];
    expect(record?.children.at(-1)).toMatchObject({
      meaning: "hundred-year field 2: 2100 and the year",
      value: "2126-01-01T00:00:00",
    });
  });

  it("calls the length of a compact profile what it is, not a text's", () => {
    const fields = explainApplication(fromHex("78 84046D00234111 8B0415163012 8D049513056901110203")).fields;
    expect(fields.at(-1)?.children.find(({ name }) => name === "LVAR")?.meaning).toBe("5 bytes of a compact profile");
  });

  it("says why a telegram is refused, and what of it can be read", () => {
    const explanation = explainApplication(fromHex("78 02 13 0100 04 13 01"));
    expect(explanation.error).toMatchObject({ reason: "truncated" });
    expect(explanation.fields.map(({ name }) => name)).toEqual(["CI field", "record", "not readable"]);
  });
});
