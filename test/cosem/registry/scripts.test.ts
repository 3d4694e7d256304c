import { describe, expect, it } from "vitest";
import {
  type Association,
  type AttributeFunctions,
  createAssociation,
  createObject,
  createRegisterMonitor,
  createScriptPort,
  createScriptTable,
  createSingleActionSchedule,
  type Data,
  DataClass,
  fromHex,
  logicalName,
  type Refused,
  refused,
  type Script,
} from "../../../cosem/index.js";
import { everything, management, methodTarget, principalOf, registryOf, target } from "./fixture.js";

const number = (value: number): Data => ({ type: "double-long-unsigned", value });
const table = logicalName("0-0:10.0.108*255");
const set = (name: string, value: number) =>
  ({ serviceId: 1, classId: 1, logicalName: logicalName(name), index: 2, parameter: number(value) }) as const;
const script = (scriptIdentifier: number, ...actions: Script["actions"]): Script => ({ scriptIdentifier, actions });

/** May start scripts and nothing else. */
const starter = createAssociation({
  name: "starter",
  clientSap: 2,
  rules: [{ classId: 9, access: "declared" }, { access: "visible" }],
});

function house(parts: { isWritable?: boolean; scripts?: readonly Script[]; association?: Association } = {}) {
  const values = new Map<string, Data>();
  const doors: string[] = [];
  const cell = (name: string, set?: AttributeFunctions<Data>["set"]) =>
    createObject(DataClass, logicalName(name), {
      attributes: {
        value: {
          get: () => values.get(name) ?? number(0),
          set(value, context) {
            doors.push(`${context.principal.door} ${context.principal.peer}`);
            const answer = set?.(value, context);
            if (answer === undefined) values.set(name, value);
            return answer;
          },
        },
      },
    });
  const registry = registryOf();
  const device = management([
    cell("0-0:96.1.5*255"),
    cell("0-0:96.1.6*255", () => refused.temporaryFailure),
    cell("0-0:96.1.7*255"),
    createScriptTable({
      logicalName: table,
      registry,
      association: parts.association ?? everything.association,
      scripts: parts.scripts ?? [
        script(1, set("0-0:96.1.5*255", 1), set("0-0:96.1.6*255", 1), set("0-0:96.1.7*255", 1)),
        script(2, set("0-0:96.1.5*255", 2), set("0-0:96.1.7*255", 2)),
        script(3, {
          serviceId: 2,
          classId: 9,
          logicalName: table,
          index: 1,
          parameter: { type: "long-unsigned", value: 2 },
        }),
      ],
      ...(parts.isWritable === true ? { changed: () => undefined } : {}),
    }),
  ]);
  registry.addDevice(device);
  const execute = (identifier: number, principal = everything) =>
    registry.invoke(methodTarget(device, `9:${table}`, 1), { type: "long-unsigned", value: identifier }, principal);
  return { registry, device, execute, values, doors, scripts: createScriptPort(device) };
}

describe("a script table", () => {
  it("runs the actions in order", () => {
    const { execute, values } = house();
    expect(execute(2)).toEqual({ ok: true, value: undefined });
    expect([...values]).toEqual([
      ["0-0:96.1.5*255", number(2)],
      ["0-0:96.1.7*255", number(2)],
    ]);
  });

  it("ends at the first that is refused", () => {
    const { execute, values } = house();
    expect(execute(1)).toBe(refused.temporaryFailure);
    expect([...values.keys()]).toEqual(["0-0:96.1.5*255"]);
  });

  it("has no script 0 and none that is not listed", () => {
    const { execute } = house();
    expect(execute(0)).toEqual({ ok: true, value: undefined });
    expect(execute(9)).toBe(refused.scopeOfAccessViolated);
  });

  it("starts no script from a script", () => expect(house().execute(3)).toBe(refused.readWriteDenied));

  it("lends its rights to who may start it, where nobody can write it", () => {
    expect(house().execute(2, principalOf(starter))).toEqual({ ok: true, value: undefined });
    expect(house({ isWritable: true }).execute(2, principalOf(starter))).toBe(refused.readWriteDenied);
  });

  it("keeps to its own rights", () => {
    expect(house({ association: starter }).execute(2)).toBe(refused.readWriteDenied);
  });

  it("says on whose behalf it acts", () => {
    const { execute, doors, scripts } = house();
    execute(2);
    scripts.run({ scriptLogicalName: table, scriptSelector: 2 }, "schedule 0-0:15.0.4*255");
    expect(doors).toEqual([
      "script test test",
      "script test test",
      "script schedule 0-0:15.0.4*255",
      "script schedule 0-0:15.0.4*255",
    ]);
  });

  it("waits for actions that take time", async () => {
    const registry = registryOf();
    const order: string[] = [];
    const slow = (name: string, answer: undefined | Refused) =>
      createObject(DataClass, logicalName(name), {
        attributes: {
          value: {
            get: () => number(0),
            async set() {
              await Promise.resolve();
              order.push(name);
              return answer;
            },
          },
        },
      });
    const device = management([
      slow("0-0:96.1.5*255", undefined),
      slow("0-0:96.1.6*255", refused.hardwareFault),
      slow("0-0:96.1.7*255", undefined),
    ]);
    const scripts = createScriptTable({
      logicalName: table,
      registry,
      association: everything.association,
      scripts: [script(1, set("0-0:96.1.5*255", 1), set("0-0:96.1.6*255", 1), set("0-0:96.1.7*255", 1))],
    });
    expect(await scripts.run(1, device, "test")).toBe(refused.hardwareFault);
    expect(order).toEqual(["0-0:96.1.5*255", "0-0:96.1.6*255"]);
  });

  it.each([
    ["number 0", [script(0)]],
    ["one number twice", [script(1), script(1)]],
    ["more actions than fit", [script(1, ...Array.from({ length: 33 }, () => set("0-0:96.1.5*255", 1)))]],
  ])("refuses scripts of %s", (_, scripts) => {
    const { registry, device } = house({ isWritable: true });
    const object = device.find(table, 9);
    const data = object?.interfaceClass.attributeAt[2]?.[1].type.toData(scripts);
    if (data === undefined) throw new Error("the fixture has a script table");
    expect(registry.write(target(device, `9:${table}`, 2), data, everything)).toBe(refused.scopeOfAccessViolated);
  });
});

describe("a single action schedule", () => {
  it("knows when, and runs its script", () => {
    const { values, scripts } = house();
    const schedule = createSingleActionSchedule({
      logicalName: logicalName("0-0:15.0.4*255"),
      executedScript: { scriptLogicalName: table, scriptSelector: 2 },
      executionTime: [{ time: fromHex("0c000000"), date: fromHex("ffffffffff") }],
      localTimeAt: () => ({ deviation: 0, isDaylightSaving: false }),
      scripts,
    });
    expect(schedule.nextExecution(Date.parse("2026-11-22T10:00:00Z"))).toBe(Date.parse("2026-11-22T12:00:00Z"));
    expect(schedule.execute()).toBeUndefined();
    expect(values.get("0-0:96.1.7*255")).toEqual(number(2));
  });

  it("names a table that is not there", () => {
    const { scripts } = house();
    expect(scripts.run({ scriptLogicalName: logicalName("0-0:10.0.1*255"), scriptSelector: 1 }, "test")).toBe(
      refused.objectUndefined,
    );
  });
});

describe("a register monitor", () => {
  function monitor(thresholds: readonly Data[]) {
    const run: string[] = [];
    const action = (selector: number) => ({ scriptLogicalName: table, scriptSelector: selector });
    const object = createRegisterMonitor({
      logicalName: logicalName("0-0:16.1.0*255"),
      thresholds,
      monitoredValue: { classId: 3, logicalName: logicalName("8-0:1.0.0*255"), attributeIndex: 2 },
      actions: thresholds.map((_, index) => ({ actionUp: action(index * 2 + 1), actionDown: action(index * 2 + 2) })),
      scripts: {
        run(script, cause) {
          run.push(`${script.scriptSelector} ${cause}`);
          return undefined;
        },
      },
    });
    return {
      see(...values: Data[]) {
        run.length = 0;
        for (const value of values) object.look(value);
        return run.map((line) => Number(line.split(" ")[0]));
      },
    };
  }

  it("acts when a threshold is passed, up and down, in the order of the thresholds", () => {
    const { see } = monitor([number(100), number(200)]);
    expect(see(number(50))).toEqual([]);
    expect(see(number(100))).toEqual([]);
    expect(see(number(101))).toEqual([1]);
    expect(see(number(150))).toEqual([]);
    expect(see(number(500))).toEqual([3]);
    expect(see(number(200))).toEqual([4]);
    expect(see(number(0))).toEqual([2]);
    expect(see(number(500))).toEqual([1, 3]);
  });

  it("compares integers of all sizes exactly, and passes over what is no number", () => {
    const { see } = monitor([{ type: "long64-unsigned", value: 9007199254740993n }]);
    expect(see({ type: "long64-unsigned", value: 9007199254740993n })).toEqual([]);
    expect(
      see({ type: "null-data" }, { type: "float64", value: Number.NaN }, { type: "visible-string", value: "z" }),
    ).toEqual([]);
    expect(see({ type: "long64-unsigned", value: 9007199254740994n })).toEqual([1]);
    expect(see(number(3))).toEqual([2]);
  });
});
