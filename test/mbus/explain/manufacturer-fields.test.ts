import fc from "fast-check";
import { expect, it } from "vitest";
import { fromHex } from "../../../cosem/codec/bytes.js";
import { explainApplication, type KnownField } from "../../../src/mbus/index.js";

const information = {
  ...{ quantity: "Flags", unit: "", exponent: 0, addend: 0, addendExponent: 0 },
  ...{ modifiers: [], recordError: undefined, manufacturerSpecific: true },
};

const field = (offset: number, length: number): KnownField => ({
  ...{ offset, length, storage: 0, tariff: 0, information },
  value: { kind: "integer", value: offset },
});

it("covers every byte of the manufacturer's data once, however its fields lie", () => {
  const anyField = fc.tuple(fc.nat({ max: 15 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(fc.array(anyField, { minLength: 1, maxLength: 8 }), (places) => {
      const known = places.map(([offset, length]) => field(offset, Math.min(length, 16 - offset)));
      const bytes = fromHex(`78 0f ${"00".repeat(16)}`);
      const { fields } = explainApplication(bytes, { manufacturerFields: () => known });
      const block = fields.at(-1);
      let next = 2;
      for (const { offset, length } of block?.children ?? []) {
        expect(offset).toBe(next);
        next += length;
      }
      expect([next, block?.offset, block?.length]).toEqual([18, 2, 16]);
    }),
  );
});

it("shows fields that share bytes together", () => {
  const { fields } = explainApplication(fromHex("78 0f 01020304"), {
    manufacturerFields: () => [field(1, 2), field(1, 1), field(2, 1)],
  });
  expect(fields.at(-1)?.children.map(({ offset, length, value }) => [offset, length, value])).toEqual([
    [2, 1, undefined],
    [3, 2, "1; 1; 2"],
    [5, 1, undefined],
  ]);
});
