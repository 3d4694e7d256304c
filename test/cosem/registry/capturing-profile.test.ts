import { describe, expect, it } from "vitest";
import {
  type CapturingProfileParts,
  createCapturingProfile,
  createColumnReader,
  createCompactData,
  createMemoryProfile,
  type Data,
  decodeData,
  fromHex,
  insertRow,
  logicalName,
  refused,
  sortMethod,
  toHex,
  unrestricted,
} from "../../../cosem/index.js";
import {
  dataOf,
  elementsOf,
  everything,
  management,
  methodTarget,
  registerObject,
  registryOf,
  target,
} from "./fixture.js";

const number = (value: number): Data => ({ type: "double-long", value });
const column = (name: string, dataIndex = 0) => ({
  classId: 3,
  logicalName: logicalName(name),
  attributeIndex: 2,
  dataIndex,
});
const volume = column("8-0:1.0.0*255");
const status = column("0-0:97.97.0*255");
const nothing = { classId: 0, logicalName: logicalName("0-0:0.0.0*0"), attributeIndex: 0, dataIndex: 0 };

describe("the order of a buffer", () => {
  const fill = (method: number, profileEntries: number) => {
    const order = { sortMethod: method as 1, sortColumn: 0, profileEntries };
    let rows: readonly (readonly Data[])[] = [];
    for (const value of [5, -7, 3, 5, 0]) rows = insertRow(rows, [number(value)], order);
    return rows.map(([cell]) => (cell as { value: number }).value);
  };

  it.each([
    ["fifo", sortMethod.fifo, [5, -7, 3, 5, 0], [3, 5, 0]],
    ["lifo", sortMethod.lifo, [0, 5, 3, -7, 5], [0, 5, 3]],
    ["largest", sortMethod.largest, [5, 5, 3, 0, -7], [5, 5, 3]],
    ["smallest", sortMethod.smallest, [-7, 0, 3, 5, 5], [-7, 0, 3]],
    ["nearest to zero", sortMethod.nearestToZero, [0, 3, 5, 5, -7], [0, 3, 5]],
    ["farthest from zero", sortMethod.farthestFromZero, [-7, 5, 5, 3, 0], [-7, 5, 5]],
  ] as const)("%s", (_, method, whole, full) => {
    expect(fill(method, 100)).toEqual(whole);
    expect(fill(method, 3)).toEqual(full);
  });
});

function profile(parts: Partial<CapturingProfileParts> = {}) {
  const values = new Map<string, Data>([[volume.logicalName, number(1)]]);
  const object = createCapturingProfile({
    logicalName: logicalName("1-0:99.1.0*255"),
    captureObjects: [volume, status],
    capturePeriod: 900,
    sortMethod: sortMethod.fifo,
    sortObject: nothing,
    profileEntries: 3,
    readColumn: ({ logicalName }) => values.get(logicalName),
    changed: () => undefined,
    ...parts,
  });
  const device = management([object]);
  const registry = registryOf(device);
  const name = "7:1-0:99.1.0*255";
  return {
    values,
    capture(value: number) {
      values.set(volume.logicalName, number(value));
      return registry.invoke(methodTarget(device, name, 2), { type: "integer", value: 0 }, everything);
    },
    reset: () => registry.invoke(methodTarget(device, name, 1), { type: "integer", value: 0 }, everything),
    rows: () => elementsOf(dataOf(registry.read(target(device, name, 2), everything))).map(elementsOf),
    read: (index: number) => dataOf(registry.read(target(device, name, index), everything)),
    write: (index: number, hex: string) =>
      registry.write(target(device, name, index), decodeData(fromHex(hex)), everything),
  };
}

const done = { ok: true, value: undefined };

describe("a capturing profile", () => {
  it("captures its columns, null-data where one cannot be read, and loses the oldest row", () => {
    const { capture, rows, read } = profile();
    for (const value of [1, 2, 3, 4]) expect(capture(value)).toEqual(done);
    expect(rows()).toEqual([2, 3, 4].map((value) => [number(value), { type: "null-data" }]));
    expect(read(7)).toEqual({ type: "double-long-unsigned", value: 3 });
  });

  it("waits for columns that come later", async () => {
    const { capture, rows } = profile({ captureObjects: [volume], readColumn: async () => number(9) });
    expect(await capture(1)).toEqual(done);
    expect(rows()).toEqual([[number(9)]]);
  });

  it("is emptied by reset, and by other capture objects or another period", () => {
    const { capture, reset, rows, write } = profile();
    capture(1);
    expect(reset()).toEqual(done);
    expect(rows()).toEqual([]);
    capture(1);
    expect(write(4, "060000003c")).toEqual({ ok: true });
    expect(rows()).toEqual([]);
    capture(1);
    expect(write(3, "0101020412000309060800010000ff0f02120000")).toEqual({ ok: true });
    expect(rows()).toEqual([]);
    capture(1);
    expect(rows()).toEqual([[number(1)]]);
  });

  it("is sorted anew, and cut, by another order and size", () => {
    const { capture, rows, write } = profile();
    for (const value of [5, 1, 3]) capture(value);
    expect(write(6, "020412000309060800010000ff0f02120000")).toEqual({ ok: true });
    expect(write(5, "1603")).toEqual({ ok: true });
    expect(rows().map(([cell]) => cell)).toEqual([5, 3, 1].map(number));
    expect(write(8, "0600000002")).toEqual({ ok: true });
    expect(rows().map(([cell]) => cell)).toEqual([5, 3].map(number));
  });

  it("refuses to capture itself, and more rows than it has room for", () => {
    const { write } = profile({ mostEntries: 10 });
    expect(write(3, "010102041200070906010063 0100ff0f02120000")).toBe(refused.scopeOfAccessViolated);
    expect(write(8, "060000000b")).toBe(refused.scopeOfAccessViolated);
    expect(write(8, "0600000000")).toBe(refused.scopeOfAccessViolated);
  });

  it("keeps its settings where they are not to be changed", () => {
    const { write, read } = profile({ changed: () => refused.hardwareFault });
    expect(write(4, "060000003c")).toBe(refused.hardwareFault);
    expect(read(4)).toEqual({ type: "double-long-unsigned", value: 900 });
  });
});

describe("compact data", () => {
  function captured(captureMethod: 0 | 1 = 1) {
    const values = new Map<string, Data>([
      [volume.logicalName, { type: "double-long-unsigned", value: 1000 }],
      [status.logicalName, { type: "unsigned", value: 4 }],
    ]);
    const device = management([
      createCompactData({
        logicalName: logicalName("0-0:66.0.0*255"),
        captureObjects: [unrestricted(volume), unrestricted(status)],
        templateId: 255,
        captureMethod,
        readColumn: ({ logicalName }) => values.get(logicalName),
        changed: () => undefined,
      }),
    ]);
    const registry = registryOf(device);
    const name = "62:0-0:66.0.0*255";
    const hexOf = (index: number) => {
      const data = dataOf(registry.read(target(device, name, index), everything));
      return data.type === "octet-string" ? toHex(data.value) : data;
    };
    return {
      values,
      buffer: () => hexOf(2),
      templateId: () => hexOf(4),
      description: () => hexOf(5),
      write: (index: number, hex: string) =>
        registry.write(target(device, name, index), decodeData(fromHex(hex)), everything),
      invoke: (index: number) =>
        registry.invoke(methodTarget(device, name, index), { type: "integer", value: 0 }, everything),
    };
  }

  it("is the template id and the values without their tags", () => {
    const { buffer, description, templateId } = captured();
    expect(buffer()).toBe("ff000003e804");
    // structure of 3: unsigned, double-long-unsigned, unsigned
    expect(description()).toBe("0203110611");
    expect(templateId()).toEqual({ type: "unsigned", value: 255 });
  });

  it("keeps the lengths of strings, and describes what is inside arrays and structures", () => {
    const { buffer, description, values } = captured();
    values.set(volume.logicalName, { type: "octet-string", value: fromHex("0102") });
    values.set(status.logicalName, {
      type: "array",
      value: [1, 2].map((value) => ({ type: "structure", value: [{ type: "unsigned", value }] })),
    });
    expect(buffer()).toBe("ff0201020102");
    // array (01) of 2 structures (02) of one unsigned (11)
    expect(description()).toBe("02031109010002020111");
  });

  it("takes another template id when types or capture objects change", () => {
    const { buffer, values, write, templateId } = captured();
    buffer();
    values.delete(volume.logicalName);
    expect(buffer()).toBe("0004");
    expect(write(3, "01010206120003090608000100 00ff0f0212000002021600000100")).toEqual({ ok: true });
    expect(templateId()).toEqual({ type: "unsigned", value: 1 });
    expect(buffer()).toBe("01");
  });

  it("captures when it is told, where that is its way", () => {
    const { buffer, invoke, values } = captured(0);
    expect(buffer()).toBe("");
    expect(invoke(2)).toEqual(done);
    values.set(status.logicalName, { type: "unsigned", value: 5 });
    expect(buffer()).toBe("ff000003e804");
    expect(invoke(1)).toEqual(done);
    expect(buffer()).toBe("");
  });

  it("refuses an array of several types, which has no description", () => {
    const { values, invoke } = captured(0);
    values.set(status.logicalName, { type: "array", value: [number(1), { type: "unsigned", value: 1 }] });
    expect(invoke(2)).toBe(refused.scopeOfAccessViolated);
  });
});

describe("a column reader", () => {
  const clock = { classId: 8, logicalName: logicalName("0-0:1.0.0*255"), attributeIndex: 2, dataIndex: 0 };
  const hour = (hours: number): Data => ({
    type: "octet-string",
    value: fromHex(`07ea0b16ff${hours.toString(16).padStart(2, "0")}000000ffc400`),
  });
  const device = management([
    registerObject("8-0:1.0.0*255", 103000),
    createMemoryProfile({
      logicalName: logicalName("1-0:99.1.0*255"),
      captureObjects: [clock, volume],
      capturePeriod: 0,
      profileEntries: 10,
      rows: [1, 2, 3, 4].map((value) => [hour(value), number(value)]),
    }),
  ]);
  const readColumn = createColumnReader({ registry: registryOf(device), device, principal: everything });
  const buffer = unrestricted({ ...volume, classId: 7, logicalName: logicalName("1-0:99.1.0*255") });
  const rows = (answer: ReturnType<typeof readColumn>) => {
    if (answer === undefined || answer instanceof Promise) throw new Error("rows in memory come at once");
    return elementsOf(answer).map(elementsOf);
  };

  it("reads attributes, elements of them, and nothing where there is none", () => {
    expect(readColumn(volume)).toEqual({ type: "double-long-unsigned", value: 103000 });
    expect(readColumn({ ...volume, attributeIndex: 3, dataIndex: 2 })).toEqual({ type: "enum", value: 13 });
    expect(readColumn({ ...volume, attributeIndex: 3, dataIndex: 3 })).toBeUndefined();
    expect(readColumn({ ...volume, attributeIndex: 9 })).toBeUndefined();
    expect(readColumn(status)).toBeUndefined();
  });

  it("takes rows by entry, by date, and by column", () => {
    const byEntry = { choice: "byEntry", value: { fromEntry: 2, toEntry: 3 } } as const;
    const byDate = {
      choice: "byDate",
      value: { fromDate: fromHex("07ea0b16ff03000000ffc400"), toDate: fromHex("07ea0b16ff09000000ffc400") },
    } as const;
    const restricted = (restrictionType: 1 | 2, restrictionValue: typeof byEntry | typeof byDate) => ({
      ...buffer,
      restriction: { restrictionType, restrictionValue },
    });
    expect(rows(readColumn(buffer))).toHaveLength(4);
    expect(rows(readColumn(restricted(2, byEntry)))).toEqual([2, 3].map((value) => [hour(value), number(value)]));
    expect(rows(readColumn(restricted(1, byDate)))).toEqual([3, 4].map((value) => [hour(value), number(value)]));
    expect(rows(readColumn({ ...buffer, columns: [volume] }))).toEqual([1, 2, 3, 4].map((value) => [number(value)]));
  });
});
