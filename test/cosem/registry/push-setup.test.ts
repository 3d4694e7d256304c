import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type ArrayStream,
  CosemDateTime,
  type CosemObject,
  createAssociation,
  createClock,
  createInternalReader,
  createLogicalDevice,
  createMemoryProfile,
  createObject,
  createPushSetup,
  type Data,
  DataClass,
  decodeData,
  encodeData,
  encodeDataNotification,
  fromHex,
  logicalName,
  type PushObject,
  type PushPort,
  type PushRestriction,
  type PushSettings,
  type PushSetupParts,
  readPushBody,
  refused,
  toHex,
} from "../../../cosem/index.js";
import { testFile } from "../../support/repository.js";
import {
  dataOf,
  doubleLongUnsigned,
  everything,
  ldnObject,
  methodTarget,
  principalOf,
  registerObject,
  registryOf,
  target,
} from "./fixture.js";

const none: PushRestriction = { type: 0, value: { choice: "none", value: null } };

function pushed(classId: number, name: string, attributeIndex: number, part: Partial<PushObject> = {}): PushObject {
  return {
    classId,
    logicalName: logicalName(name),
    attributeIndex,
    dataIndex: 0,
    restriction: none,
    columns: [],
    ...part,
  };
}

/** 2026-11-22 11:00:00, deviation -60, as in push.json. */
const clock = createClock({
  now: () => Date.UTC(2026, 10, 22, 10),
  localTimeAt: () => ({ deviation: -60, isDaylightSaving: false }),
});
const column = (classId: number, name: string, attributeIndex: number) => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex,
  dataIndex: 0,
});
const clockColumn = column(8, "0-0:1.0.0*255", 2);
const valueColumn = column(3, "8-0:1.0.0*255", 2);
/** A row at 2026-11-22, this hour, deviation 0. */
const timeCell = (hour: number): Data => ({
  type: "octet-string",
  value: fromHex(`07ea0b16ff${hour.toString(16).padStart(2, "0")}000000000000`),
});
const profile = createMemoryProfile({
  logicalName: logicalName("8-0:99.1.0*255"),
  captureObjects: [clockColumn, valueColumn],
  capturePeriod: 0,
  profileEntries: 10,
  rows: [1, 2, 3].map((hour) => [timeCell(hour), doubleLongUnsigned(hour * 100)]),
});

const common = [ldnObject("EXM0000000000001"), clock, registerObject("8-0:1.0.0*255", 103_000), profile];
const deviceWith = (...objects: readonly CosemObject[]) =>
  createLogicalDevice({ name: "EXM0000000000001", sap: 1, kind: "management", objects: [...common, ...objects] });

const reader = principalOf(createInternalReader("push"));

function bodyOf(...objects: readonly PushObject[]) {
  const device = deviceWith();
  return readPushBody({ registry: registryOf(device), device, principal: reader, objects });
}
function bodyHex(...objects: readonly PushObject[]): string {
  const body = bodyOf(...objects);
  if (body instanceof Promise || "ok" in body) throw new Error("no body");
  return toHex(encodeData(body));
}

describe("the body of a push", () => {
  it("has the values in order, as push.json has them but for the day of week and the status", () => {
    const recorded = JSON.parse(readFileSync(testFile("transcripts/push.json"), "utf8")) as readonly {
      name: string;
      steps: readonly { apdu: string }[];
    }[];
    const apdu = recorded.find(({ name }) => name === "data-notification-plain")?.steps[0]?.apdu ?? "";
    const body = bodyOf(pushed(1, "0-0:42.0.0*255", 2), pushed(8, "0-0:1.0.0*255", 2), pushed(3, "8-0:1.0.0*255", 2));
    if (body instanceof Promise || "ok" in body) throw new Error("no body");
    const made = toHex(encodeDataNotification({ longInvokeIdAndPriority: 0xc0000001, dateTime: fromHex(""), body }));
    // Sunday; ours names the day, the library left it out.
    expect(made).toBe(apdu.replace("07ea0b16ff0b", "07ea0b16070b"));
  });

  it("has null-data where something cannot be read", () => {
    expect(bodyHex(pushed(3, "8-0:9.9.9*255", 2), pushed(3, "8-0:1.0.0*255", 2), pushed(3, "8-0:1.0.0*255", 9))).toBe(
      "0203" + "00" + "0600019258" + "00",
    );
    expect(bodyHex()).toBe("0200");
  });

  it("picks elements by data index, from 1", () => {
    const unit = (dataIndex: number) => pushed(3, "8-0:1.0.0*255", 3, { dataIndex });
    // scaler -3 and unit m3 (13)
    expect(bodyHex(unit(0), unit(1), unit(2), unit(3))).toBe("0204" + "02020ffd160d" + "0ffd" + "160d" + "00");
    expect(bodyHex(pushed(3, "8-0:1.0.0*255", 2, { dataIndex: 1 }))).toBe("020100");
  });

  const buffer = (part: Partial<PushObject>) => pushed(7, "8-0:99.1.0*255", 2, part);
  const row = (hour: number) => `0202090c07ea0b16ff0${hour}00000000000006${(hour * 100).toString(16).padStart(8, "0")}`;

  it("restricts rows by entry and by date, both ends included", () => {
    const byEntry: PushRestriction = { type: 2, value: { choice: "byEntry", value: { fromEntry: 2, toEntry: 0 } } };
    expect(bodyHex(buffer({ restriction: byEntry }))).toBe(`02010102${row(2)}${row(3)}`);
    const byDate = (fromDate: string, toDate: string): PushRestriction => ({
      type: 1,
      value: { choice: "byDate", value: { fromDate: fromHex(fromDate), toDate: fromHex(toDate) } },
    });
    const from1To2 = byDate("07ea0b16ff01000000000000", "07ea0b16ff02000000000000");
    expect(bodyHex(buffer({ restriction: from1To2 }))).toBe(`02010102${row(1)}${row(2)}`);
    // A date alone is the whole day.
    expect(bodyHex(buffer({ restriction: byDate("07ea0b16ff", "07ea0b16ff") }))).toBe(
      `02010103${row(1)}${row(2)}${row(3)}`,
    );
    expect(bodyHex(buffer({ restriction: byDate("07ea0b17ff", "07ea0b17ff") }))).toBe("02010100");
  });

  it("has the columns that are asked for, in that order", () => {
    const lastEntry: PushRestriction = { type: 2, value: { choice: "byEntry", value: { fromEntry: 3, toEntry: 3 } } };
    const missing = column(3, "8-0:9.0.0*255", 2);
    expect(bodyHex(buffer({ restriction: lastEntry, columns: [valueColumn, missing, clockColumn] }))).toBe(
      "0201" + "0101" + "0203" + "060000012c" + "00" + "090c07ea0b16ff03000000000000",
    );
  });

  it("collects arrays that come in pieces, and refuses those without end", async () => {
    let closed = 0;
    const stream = (count: number): ArrayStream => {
      let left = count;
      return {
        type: "array-stream",
        count,
        next: async () => (left-- > 0 ? [doubleLongUnsigned(7)] : undefined),
        close: () => {
          closed += 1;
        },
      };
    };
    const streamed = (name: string, count: number) =>
      createObject(DataClass, logicalName(name), {
        attributes: { value: { getData: () => ({ ok: true, value: stream(count) }) } },
      });
    const device = deviceWith(streamed("0-0:96.1.0*255", 2), streamed("0-0:96.1.1*255", 9));
    const parts = { registry: registryOf(device), device, principal: reader, mostElements: 5 };
    const two = await readPushBody({ ...parts, objects: [pushed(1, "0-0:96.1.0*255", 2)] });
    expect(two).toEqual(decodeData(fromHex("020101020600000007" + "0600000007")));
    const nine = [pushed(1, "0-0:96.1.0*255", 2), pushed(1, "0-0:96.1.1*255", 2)];
    expect(await readPushBody({ ...parts, objects: nine })).toBe(refused.dataBlockUnavailable);
    expect(closed).toBe(3);
  });
});

/** A port that writes down what it is told. */
function recordingPort(answer?: typeof refused.temporaryFailure) {
  const calls: string[] = [];
  const port: PushPort = {
    push({ settings, device }) {
      calls.push(`push ${settings.pushObjectList.length} at ${device.sap}`);
      return answer;
    },
    reset({ device }) {
      calls.push(`reset at ${device.sap}`);
      return answer;
    },
    lastConfirmation: () => undefined,
  };
  return { port, calls };
}

function pushSetup(parts: Partial<PushSetupParts> = {}) {
  const kept: PushSettings[] = [];
  const object = createPushSetup({
    logicalName: logicalName("0-0:25.9.0*255"),
    changed: (settings) => {
      kept.push(settings);
      return undefined;
    },
    ...parts,
  });
  const device = deviceWith(object);
  const registry = registryOf(device);
  const name = "0-0:25.9.0*255";
  return {
    object,
    device,
    kept,
    read: (index: number) => toHex(encodeData(dataOf(registry.read(target(device, name, index), everything)))),
    write: (index: number, hex: string, principal = everything) =>
      registry.write(target(device, name, index), decodeData(fromHex(hex)), principal),
    call: (index: number, hex = "0f00") =>
      registry.invoke(methodTarget(device, name, index), decodeData(fromHex(hex)), everything),
  };
}

const ok = { ok: true };
/** class 3, 8-0:1.0.0, attribute 2, whole: the fields that all versions have. */
const element = "120003" + "09060800010000ff" + "0f02" + "120000";
const unrestricted = "0202160000";

describe("attributes of Push setup", () => {
  it.each([
    [0, 7, `0204${element}`, "12003c"],
    [1, 10, `0205${element}${unrestricted}`, "12003c"],
    [2, 13, `0206${element}${unrestricted}0100`, "020312003c1200c8120258"],
  ] as const)("of version %i are written and read back", (version, count, item, delay) => {
    const { read, write, kept } = pushSetup({ version });
    const values: Readonly<Record<number, string>> = {
      2: `0101${item}`,
      3: "02031600090e31302e302e302e323a3130303030" + "1600",
      4: "0101" + "0202" + "090cffffffffff02000000800000" + "090cffffffffff04000000800000",
      5: "12012c",
      6: "1103",
      7: delay,
      8: "09060000190000ff",
      9: "0f66",
      10: `0101${"0202" + "1602" + "0205" + "0900090009000900" + "0202" + "1600" + "1600"}`,
      11: "1602",
      12: "0202" + "1907ea0101ff00000000800000" + "0600000e10",
    };
    const indexes = Array.from({ length: Math.min(count, 12) - 1 }, (_, index) => index + 2);
    for (const index of indexes) {
      expect([index, write(index, values[index] ?? "")]).toEqual([index, ok]);
      expect(read(index)).toBe(values[index]);
    }
    expect(kept).toHaveLength(indexes.length);
    expect(kept.at(-1)?.pushObjectList).toEqual([pushed(3, "8-0:1.0.0*255", 2)]);
    expect(write(count + 1, "00")).toBe(refused.readWriteDenied);
  });

  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])("attribute %i takes no other type, and stays", (index) => {
    const { read, write, kept } = pushSetup({ version: 2 });
    const before = read(index);
    for (const wrong of ["00", "0301", "0a0161", "020103ff"]) expect(write(index, wrong)).toBe(refused.typeUnmatched);
    expect(read(index)).toBe(before);
    expect(kept).toEqual([]);
  });

  it("13 is the port's, unspecified before the first confirmation, and never written", () => {
    const { read, write } = pushSetup({ version: 2 });
    expect(read(13)).toBe("19ffffffffffffffffff8000ff");
    expect(write(13, "19ffffffffffffffffff8000ff")).toBe(refused.readWriteDenied);
    const confirmed = new CosemDateTime({ year: 2027, month: 1, day: 2 });
    const port = { ...recordingPort().port, lastConfirmation: () => confirmed };
    expect(pushSetup({ version: 2, port }).read(13)).toBe("1907eb0102ffffffffff8000ff");
  });

  it.each([
    ["an unknown operation method", 11, "1603"],
    ["an unknown protection", 10, `0101${"0202" + "1609" + "0205" + "0900090009000900" + "0202" + "1600" + "1600"}`],
    ["a window with an impossible hour", 4, "01010202090cffffffffff19000000800000090cffffffffff04000000800000"],
    ["an index of parts by time", 2, `01010206${element.slice(0, -4)}f001${unrestricted}0100`],
    ["a restriction by what is no date", 2, `01010206${element}020216010202090100090100${"0100"}`],
    ["a restriction that is not of its type", 2, `01010206${element}0202160100${"0100"}`],
  ])("refuse %s", (_what, index, hex) => {
    const { write, kept } = pushSetup({ version: 2 });
    expect(write(index, hex)).toBe(refused.scopeOfAccessViolated);
    expect(kept).toEqual([]);
  });

  it("take no object that the writer cannot read, or that is not there", () => {
    const rules = [
      { classId: 40, access: "declared" },
      { classId: 3, access: "visible" },
    ] as const;
    const blind = principalOf(createAssociation({ name: "blind", clientSap: 2, rules }));
    const { write, kept } = pushSetup();
    expect(write(2, `01010205${element}${unrestricted}`, blind)).toBe(refused.readWriteDenied);
    expect(write(2, `01010205${element.replace("08000100", "08000900")}${unrestricted}`)).toBe(refused.objectUndefined);
    expect(kept).toEqual([]);
  });

  it("hold only what is kept", () => {
    const { read, write } = pushSetup({ changed: () => refused.temporaryFailure });
    expect(write(6, "1103")).toBe(refused.temporaryFailure);
    expect(read(6)).toBe("1100");
  });

  it("cannot be written where nobody keeps them", () => {
    const object = createPushSetup({ logicalName: logicalName("0-0:25.9.0*255"), numberOfRetries: 4 });
    const device = deviceWith(object);
    const at = target(device, "0-0:25.9.0*255", 6);
    expect(registryOf(device).write(at, { type: "unsigned", value: 1 }, everything)).toBe(refused.readWriteDenied);
    expect(dataOf(registryOf(device).read(at, everything))).toEqual({ type: "unsigned", value: 4 });
  });
});

describe("methods of Push setup", () => {
  it("end at the port", () => {
    const { port, calls } = recordingPort();
    const setup = pushSetup({ version: 2, port });
    expect(setup.write(2, `01010206${element}${unrestricted}0100`)).toEqual(ok);
    expect(setup.call(1)).toEqual({ ok: true, value: undefined });
    expect(setup.call(2)).toEqual({ ok: true, value: undefined });
    expect(setup.object.push(setup.device)).toBeUndefined();
    expect(calls).toEqual(["push 1 at 1", "reset at 1", "push 1 at 1"]);
    expect(setup.call(1, "120000")).toBe(refused.typeUnmatched);
    expect(calls).toHaveLength(3);
  });

  it("hand on what the port refuses", () => {
    const { port } = recordingPort(refused.temporaryFailure);
    expect(pushSetup({ version: 2, port }).call(1)).toBe(refused.temporaryFailure);
  });

  it("are not allowed without a port, and reset is not before version 2", () => {
    expect(pushSetup().call(1)).toBe(refused.readWriteDenied);
    expect(pushSetup({ version: 1, port: recordingPort().port }).call(2)).toBe(refused.readWriteDenied);
  });
});
