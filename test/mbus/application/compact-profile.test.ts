import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../cosem/codec/bytes.js";
import { decodeApplication, type ExpandedProfile, expandProfile } from "../../../src/mbus/index.js";

function expand(hex: string): ExpandedProfile | undefined {
  const { records } = decodeApplication(fromHex(`78 ${hex}`));
  const profile = records.find((record) => record.information.modifiers.some((words) => /profile/.test(words)));
  return profile === undefined ? undefined : expandProfile(records, profile);
}

const pairs = (profile: ExpandedProfile | undefined) =>
  profile?.entries.map(({ time, value }) => [time, value.kind === "integer" ? value.value : value.kind]);

describe("compact profiles", () => {
  it("hourly increments: the example of EN 13757-3, F.2.7 (OMS Volume 2, Annex I, example 02)", () => {
    const profile = expand("84046D00204111 8B0415003012 8D04951F056901030211");
    expect(profile).toMatchObject({ incrementMode: "increments", direction: "forward", exponent: -1 });
    expect(pairs(profile)).toEqual([
      ["2010-01-01T01:00:00", 123003],
      ["2010-01-01T02:00:00", 123005],
      ["2010-01-01T03:00:00", 123016],
    ]);
  });

  it("inverse hourly increments: the example of EN 13757-3, F.2.8", () => {
    expect(pairs(expand("84046D00234111 8B0415163012 8D049513056901110203"))).toEqual([
      ["2010-01-01T02:00:00", 123005],
      ["2010-01-01T01:00:00", 123003],
      ["2010-01-01T00:00:00", 123000],
    ]);
  });

  it("monthly absolute values with registers: OMS Volume 2, Annex I, example 01", () => {
    const profile = expand("8680016D0000A0411135 84900103F0490200 8D9001831E0A04FEA0860100D0FB0100");
    expect(profile?.entries).toEqual([
      { storage: 33, time: "2010-02-01T00:00:00", value: { kind: "integer", value: 100_000 } },
      { storage: 34, time: "2010-03-01T00:00:00", value: { kind: "integer", value: 130_000 } },
    ]);
  });

  it("a last day of a month leads to last days, across a year", () => {
    // Base 2008-02-29 (type G: 1D 12 is day 29, month 2, year 8), absolute, 1 byte, monthly, inverse.
    const profile = expand("42 6C 1D12 4D 93 13 05 31FE 030201");
    expect(pairs(profile)).toEqual([
      ["2008-01-31", 3],
      ["2007-12-31", 2],
      ["2007-11-30", 1],
    ]);
  });

  it("what is missing breaks a chain of increments and leaves absolute values alone", () => {
    // 01 = increments of one byte (FF is no value): 41 hex is mode 1, seconds, 1 byte.
    expect(pairs(expand("4413 0A000000 4D 93 1F 05 4101 01FF01"))).toEqual([
      [undefined, 11],
      [undefined, "invalid"],
      [undefined, "invalid"],
    ]);
    expect(pairs(expand("4D 93 1F 05 0101 018002"))).toEqual([
      [undefined, 1],
      [undefined, "invalid"],
      [undefined, 2],
    ]);
    expect(pairs(expand("4D 93 1F 03 4101 01"))).toEqual([[undefined, "invalid"]]);
  });

  it("a list without spacing has no times; sizes that no element has give no profile", () => {
    expect(pairs(expand("426C1D12 4D 93 1F 04 0100 0102"))?.map(([time]) => time)).toEqual([undefined, undefined]);
    expect(expand("4D 93 1F 04 0D01 0102")).toBeUndefined();
    expect(expand("4D 93 1F 01 01")).toBeUndefined();
  });

  it("any bytes expand or not, and never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(0x13, 0x1e, 0x1f), (data, vife) => {
        const bytes = [0x78, 0x44, 0x6d, 0, 0x20, 0x41, 0x11, 0x44, 0x13, 1, 0, 0, 0, 0x4d, 0x93, vife, data.length];
        const { records } = decodeApplication(Uint8Array.of(...bytes, ...data));
        for (const record of records) expandProfile(records, record);
      }),
      { numRuns: 2000 },
    );
  });
});
