import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkMaps } from "../../src/mapping/check-maps.js";
import { loadMaps, parseMap, shippedMapFolder } from "../../src/mapping/index.js";
import { checkExamples } from "../../src/mapping/map-examples.js";
import { heatHeader, mappingOver } from "./support/mapping-fixture.js";
import { MemoryStore } from "./support/memory-store.js";

const shipped = loadMaps();

describe("the shipped maps", () => {
  it("fit the schema", () => {
    expect(shipped.problems).toEqual([]);
    expect(shipped.maps.length).toBeGreaterThan(8);
  });

  it.each(shipped.maps.map((map) => [basename(map.file), map] as const))("%s proves every rule", (_, map) => {
    expect(checkExamples(map, shipped.maps)).toEqual([]);
  });
});

const good = `title: Test
deviceTypes: [4]
valueGroupA: 6
records:
  - match: { quantity: energy }
    object: { class: Register, logicalName: "6-{subunit}:1.8.{tariff}*255" }
examples:
  - record: 04 06 D2 04 00 00
    expect: { class: Register, logicalName: "6-0:1.8.0*255", value: 1234, scaler: 3, unit: Wh }
`;

describe("a map with a mistake is refused with its line", () => {
  it.each([
    ["a key that is not known", good.replace("quantity: energy }", "quantity: energy, tarif: 1 }"), 5, /tarif/],
    [
      "a class that no record makes",
      good.replace('class: Register, logicalName: "6-{', 'class: Clock, logicalName: "6-{'),
      6,
      /class/,
    ],
    ["a logical name that is none", good.replace("6-{subunit}:1.8.{tariff}*255", "6-0:1.8.0"), 6, /logicalName/],
    ["a missing title", good.replace("title: Test\n", ""), 1, /title/],
    ["text that is not YAML", `${good}\n  - :\n bad`, 11, /YAML/],
  ])("%s", (_, text, line, message) => {
    const { map, problems } = parseMap(text, "test.yaml");
    expect(map).toBeUndefined();
    expect(problems[0]?.line).toBe(line);
    expect(problems.map((problem) => problem.message).join()).toMatch(message);
  });
});

describe("examples", () => {
  const problemsOf = (text: string) => {
    const { map } = parseMap(text, "test.yaml");
    if (map === undefined) throw new Error("not a map");
    return checkExamples(map, [map]).map((problem) => `${problem.line}: ${problem.message}`);
  };

  it("that come out as they say are good", () => expect(problemsOf(good)).toEqual([]));

  it("with a wrong value or scaler are told", () => {
    expect(problemsOf(good.replace("value: 1234, scaler: 3", "value: 1235, scaler: 2"))).toEqual([
      "8: value: 1235 expected, got 1234",
      "8: scaler: 2 expected, got 3",
    ]);
  });

  it("are wanted for each rule", () => {
    const text = good.replace(
      "examples:",
      '  - match: { quantity: volume }\n    object: { class: Register, logicalName: "6-0:2.0.0*255" }\nexamples:',
    );
    expect(problemsOf(text)).toEqual(["7: rule for volume 6-0:2.0.0*255 has no example"]);
  });
});

describe("a user's maps", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "maps-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("go before the shipped ones", async () => {
    writeFileSync(join(folder, "mine.yaml"), good);
    const { maps, problems } = loadMaps([shippedMapFolder, folder]);
    expect(problems).toEqual([]);
    const { install, read } = mappingOver(new MemoryStore(), maps);
    const device = await install();
    await read(device, [`${heatHeader("12345678")} 04 06 D2040000 04 14 39300000`]);
    expect(device.meterKind?.objects.map((object) => [object.classId, object.logicalName])).toEqual([
      [3, "6-0:1.8.0*255"],
      [4, "6-0:2.0.0*255"],
    ]);
  });

  it("take the place of a shipped one of the same name", () => {
    writeFileSync(join(folder, "heat.yaml"), good);
    const { maps } = loadMaps([shippedMapFolder, folder]);
    expect(maps.filter((map) => basename(map.file) === "heat.yaml")).toHaveLength(1);
    expect(maps[0]?.file).toBe(join(folder, "heat.yaml"));
  });

  it("are checked by check:maps, with a line a file", () => {
    writeFileSync(join(folder, "mine.yaml"), good.replace("value: 1234", "value: 1"));
    const { lines, problems } = checkMaps([folder]);
    expect(problems).toBe(1);
    expect(lines[0]).toMatch(/mine\.yaml: 1 rules, 1 examples: 1 problems/);
    expect(lines[1]).toMatch(/mine\.yaml:8: value: 1 expected, got 1234/);
  });

  it("may be missing", () => {
    expect(loadMaps([shippedMapFolder, join(folder, "none")]).maps).toHaveLength(shipped.maps.length);
  });
});
