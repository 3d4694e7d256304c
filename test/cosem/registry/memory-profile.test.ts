/** Requests and answers of services.json, get-profile-*: 24 hourly rows of clock and two values. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CaptureObject,
  captureObjectDefinition,
  createMemoryProfile,
  type Data,
  decodeData,
  fromHex,
  logicalName,
  parseBufferSelection,
  refused,
  selectRows,
  sortMethod,
  types,
} from "../../../cosem/index.js";
import { dataOf, elementsOf, everything, management, methodTarget, registryOf, streamOf, target } from "./fixture.js";

const column = (classId: number, name: string): CaptureObject => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex: 2,
  dataIndex: 0,
});
const captureObjects = [column(8, "0-0:1.0.0*255"), column(3, "8-0:1.0.0*255"), column(3, "8-0:2.0.0*255")];

/** services.json, get-profile-all, as sent. */
const sent = decodeData(
  fromHex(
    "01180203090c07ea0b150600000000ffc40006000186a01200000203090c07ea0b150601000000ffc400060001871d12000a0203090c07ea0b150602000000ffc400060001879a1200140203090c07ea0b150603000000ffc400060001881712001e0203090c07ea0b150604000000ffc40006000188941200280203090c07ea0b150605000000ffc40006000189111200320203090c07ea0b150606000000ffc400060001898e12003c0203090c07ea0b150607000000ffc4000600018a0b1200460203090c07ea0b150608000000ffc4000600018a881200500203090c07ea0b150609000000ffc4000600018b0512005a0203090c07ea0b15060a000000ffc4000600018b821200640203090c07ea0b15060b000000ffc4000600018bff12006e0203090c07ea0b15060c000000ffc4000600018c7c1200780203090c07ea0b15060d000000ffc4000600018cf91200820203090c07ea0b15060e000000ffc4000600018d7612008c0203090c07ea0b15060f000000ffc4000600018df31200960203090c07ea0b150610000000ffc4000600018e701200a00203090c07ea0b150611000000ffc4000600018eed1200aa0203090c07ea0b150612000000ffc4000600018f6a1200b40203090c07ea0b150613000000ffc4000600018fe71200be0203090c07ea0b150614000000ffc40006000190641200c80203090c07ea0b150615000000ffc40006000190e11200d20203090c07ea0b150616000000ffc400060001915e1200dc0203090c07ea0b150617000000ffc40006000191db1200e6",
  ),
);
const rows = elementsOf(sent).map(elementsOf);

function profileOf(parts: Partial<Parameters<typeof createMemoryProfile>[0]> = {}) {
  const profile = createMemoryProfile({
    logicalName: logicalName("1-0:99.1.0*255"),
    captureObjects,
    capturePeriod: 900,
    sortObject: column(8, "0-0:1.0.0*255"),
    profileEntries: 500,
    rows,
    ...parts,
  });
  const device = management([profile]);
  const registry = registryOf(device);
  const at = (index: number) => target(device, "7:1-0:99.1.0*255", index);
  return {
    profile,
    registry,
    device,
    read: (index: number) => dataOf(registry.read(at(index), everything)),
    stream: () => streamOf(registry.read(at(2), everything)),
    select: (selector: number, hex: string) =>
      registry.read(at(2), everything, { selector, parameters: decodeData(fromHex(hex)) }),
  };
}

const clockColumn = "020412000809060000010000ff0f02120000";
const thirdColumn = "020412000309060800020000ff0f02120000";
const range = (from: string, to: string, columns = "0100") => `0204${clockColumn}090c${from}090c${to}${columns}`;

describe("a profile", () => {
  const { read, profile } = profileOf();

  it.each([
    [3, `0103${clockColumn}020412000309060800010000ff0f02120000${thirdColumn}`],
    [4, "0600000384"],
    [5, "1601"],
    [6, clockColumn],
    [7, "0600000018"],
    [8, "06000001f4"],
  ])("answers attribute %i", (index, hex) => expect(read(index)).toEqual(decodeData(fromHex(hex))));

  it("answers its whole buffer", () => expect(read(2)).toEqual(sent));

  it("refuses rows of another width", () => expect(() => profile.append([])).toThrow(RangeError));
});

describe("selective access", () => {
  const { select } = profileOf();

  /** Request parameters of the transcript, and the rows and columns of its answer (both from 0, ends included). */
  it.each([
    ["entries 3 to 7", 2, "02040600000003060000000712000112" + "0000", [2, 6], [0, 1, 2]],
    ["entry 20 to the end", 2, "020406000000140600000000120001120000", [19, 23], [0, 1, 2]],
    ["columns 2 to 3", 2, "020406000000010600000004120002120003", [0, 3], [1, 2]],
    ["the last column", 2, "020406000000010600000002120003120000", [0, 1], [2]],
    ["entries beyond the end", 2, "0204060000001e0600000028120001120000", undefined, []],
    ["05:00 to 09:00", 1, range("07ea0b150605000000ffc400", "07ea0b150609000000ffc400"), [5, 9], [0, 1, 2]],
    [
      "clock and second value",
      1,
      range("07ea0b150601000000ffc400", "07ea0b150603000000ffc400", `0102${clockColumn}${thirdColumn}`),
      [1, 3],
      [0, 2],
    ],
    ["a time before the first row", 1, range("07ea01010400000000ffc400", "07ea01020500000000ffc400"), undefined, []],
    ["all rows", 1, range("07ea0b150600000000ffc400", "07ea0b150617000000ffc400"), [0, 23], [0, 1, 2]],
    ["times without day of week", 1, range("07ea0b15ff02000000ffc400", "07ea0b15ff04000000ffc400"), [2, 4], [0, 1, 2]],
    // The same as 05:00 to 09:00, said in UTC and in India's time (arithmetic).
    ["times of another zone", 1, range("07ea0b1506040000000000 00", "07ea0b15060d1e0000feb600"), [5, 9], [0, 1, 2]],
    [
      "columns in the client's order",
      1,
      range("07ea0b150601000000ffc400", "07ea0b150601000000ffc400", `0102${thirdColumn}${clockColumn}`),
      [1, 1],
      [2, 0],
    ],
    ["everything before 01:00", 1, range("ffffffffffffffffff8000ff", "07ea0b150601000000ffc400"), [0, 1], [0, 1, 2]],
  ] as const)("gives %s", (_, selector, hex, span, columns) => {
    const wanted = span === undefined ? [] : rows.slice(span[0], span[1] + 1);
    const value = wanted.map((row) => ({ type: "structure", value: columns.map((index) => row[index]) }));
    expect(dataOf(select(selector, hex))).toEqual({ type: "array", value });
  });

  it("by range works on a column that is not the first", () => {
    // restricting object 8-0:1.0.0*255, 100250 to 100500.
    const hex = "0204020412000309060800010000ff0f02120000060001879a06000188940100";
    expect(elementsOf(dataOf(select(1, hex))).length).toBe(3);
  });

  it.each([
    ["an entry number of another type", 2, "02041200010600000002120001120000", refused.typeUnmatched],
    ["a column number of another type", 2, "02040600000001060000000206000000011200 00", refused.typeUnmatched],
    ["too few parameters", 2, "020306000000010600000002120001", refused.typeUnmatched],
    ["null-data", 1, "00", refused.typeUnmatched],
    ["a list for a bound", 1, `0204${clockColumn}0100090c07ea0b150601000000ffc4000100`, refused.typeUnmatched],
    ["entry 0", 2, "020406000000000600000002120001120000", refused.scopeOfAccessViolated],
    ["column 0", 2, "020406000000010600000002120000120000", refused.scopeOfAccessViolated],
    [
      "an object that is not captured",
      1,
      "0204020412000309060800090000ff0f0212000006000000000600000001 0100",
      refused.scopeOfAccessViolated,
    ],
    [
      "a bound that is no instant",
      1,
      range("07eaff150601000000ffc400", "07ea0b150601000000ffc400"),
      refused.scopeOfAccessViolated,
    ],
    [
      "more columns than are captured",
      1,
      range("07ea0b150601000000ffc400", "07ea0b150601000000ffc400", `0104${clockColumn.repeat(4)}`),
      refused.scopeOfAccessViolated,
    ],
    ["selector 3", 3, "00", refused.readWriteDenied],
  ] as const)("refuses %s", (_, selector, hex, refusal) => expect(select(selector, hex)).toBe(refusal));
});

describe("selections", () => {
  it("from any data are a selection or a refusal", () => {
    const leaf = fc.oneof(
      fc.constant<Data>({ type: "null-data" }),
      fc.record({
        type: fc.constantFrom("unsigned", "long-unsigned", "double-long-unsigned", "integer"),
        value: fc.nat(70000),
      }),
      fc.record({ type: fc.constantFrom("octet-string", "date-time"), value: fc.uint8Array({ maxLength: 13 }) }),
      fc.constant(captureObjectDefinition.toData(column(3, "8-0:1.0.0*255"))),
    );
    const list = fc.record({ type: fc.constantFrom("array", "structure"), value: fc.array(leaf, { maxLength: 5 }) });
    const parameters = fc.record({
      type: fc.constant("structure"),
      value: fc.array(fc.oneof(leaf, list), { minLength: 3, maxLength: 5 }),
    }) as fc.Arbitrary<Data>;
    fc.assert(
      fc.property(fc.constantFrom(1, 2), parameters, (selector, data) => {
        try {
          selectRows(rows, parseBufferSelection({ selector, parameters: data }, { captureObjects }));
        } catch (error) {
          expect([types.TypeUnmatched, types.ScopeOfAccessViolated]).toContain((error as Error).constructor);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("take the deviation handed in for times without one", () => {
    const parameters = decodeData(fromHex(range("07ea0b150605000000800000", "07ea0b150606000000800000")));
    const access = { selector: 1, parameters };
    const assumed = parseBufferSelection(access, { captureObjects, deviationAt: () => -60 });
    expect(assumed).toMatchObject({ from: Date.parse("2026-11-21T04:00:00Z"), to: Date.parse("2026-11-21T05:00:00Z") });
    expect(selectRows(rows, assumed)).toEqual([rows[5], rows[6]]);
    expect(parseBufferSelection(access, { captureObjects })).toMatchObject({
      from: Date.parse("2026-11-21T05:00:00Z"),
    });
  });

  it("compare 64-bit integers with shorter ones exactly", () => {
    const big: Data[][] = [[{ type: "long64-unsigned", value: 9007199254740993n }], [{ type: "unsigned", value: 5 }]];
    const selection = {
      kind: "range",
      restrictingColumn: 0,
      from: 9007199254740993n,
      to: undefined,
      columns: [0],
    } as const;
    expect(selectRows(big, selection)).toEqual([big[0]]);
    expect(selectRows(big, { ...selection, from: 5, to: 5n })).toEqual([big[1]]);
  });

  it("leave out rows whose cell cannot be compared", () => {
    const gaps: Data[][] = [
      [{ type: "null-data" }],
      [{ type: "visible-string", value: "5" }],
      [{ type: "unsigned", value: 5 }],
    ];
    const selection = { kind: "range", restrictingColumn: 0, from: 0, to: 9, columns: [0] } as const;
    expect(selectRows(gaps, selection)).toEqual([gaps[2]]);
  });

  it("name the selector that does not exist", () => {
    expect(() => parseBufferSelection({ selector: 7, parameters: { type: "null-data" } }, { captureObjects })).toThrow(
      types.ScopeOfAccessViolated,
    );
  });
});

describe("keeping rows", () => {
  const number = (value: number): Data => ({ type: "unsigned", value });
  const one = [column(3, "8-0:1.0.0*255")];
  const arrayOf = (...values: number[]) => ({
    type: "array",
    value: values.map((value) => ({ type: "structure", value: [number(value)] })),
  });

  it("lets the oldest go when full", () => {
    const { profile, read } = profileOf({ captureObjects: one, profileEntries: 2, rows: [] });
    for (const value of [1, 2, 3]) profile.append([number(value)]);
    expect(read(2)).toEqual(arrayOf(2, 3));
    expect(read(7)).toEqual({ type: "double-long-unsigned", value: 2 });
    profile.clear();
    expect(read(2)).toEqual(arrayOf());
  });

  it("shows the newest first where it is lifo", () => {
    const { read, select } = profileOf({
      captureObjects: one,
      rows: [[number(1)], [number(2)]],
      sortMethod: sortMethod.lifo,
    });
    expect(read(2)).toEqual(arrayOf(2, 1));
    expect(dataOf(select(2, "020406000000010600000001120001120000"))).toEqual(arrayOf(2));
  });

  it("streams many rows, as they were when the reading began", async () => {
    const many = Array.from({ length: 1000 }, (_, index) => [number(index % 256)]);
    const { profile, stream } = profileOf({ captureObjects: one, rows: many, profileEntries: 1000 });
    const whole = stream();
    profile.append([number(77)]);
    expect(whole.count).toBe(1000);
    const first = await whole.next();
    expect(first?.[0]).toEqual({ type: "structure", value: [number(0)] });
    let count = first?.length ?? 0;
    for (let piece = await whole.next(); piece !== undefined; piece = await whole.next()) count += piece.length;
    expect(count).toBe(1000);
  });

  it("resets and captures only where it may", () => {
    const closed = profileOf();
    const zero: Data = { type: "integer", value: 0 };
    const invoke = (of: typeof closed, index: number) =>
      of.registry.invoke(methodTarget(of.device, "7:1-0:99.1.0*255", index), zero, everything);
    expect(invoke(closed, 1)).toBe(refused.readWriteDenied);
    expect(invoke(closed, 2)).toBe(refused.readWriteDenied);
    const open = profileOf({ mayReset: true, capture: () => refused.temporaryFailure });
    expect(invoke(open, 2)).toBe(refused.temporaryFailure);
    expect(invoke(open, 1)).toEqual({ ok: true, value: undefined });
    expect(open.read(7)).toEqual({ type: "double-long-unsigned", value: 0 });
  });
});
