import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRegisterMap } from "../../../src/views/modbus/index.js";
import { repositoryRoot } from "../../support/repository.js";

const folder = join(repositoryRoot, "obis-maps/modbus");
const example = "examples:\n  - { type: u16, value: 1, registers: 0001 }\n";

describe("register maps", () => {
  it.each(readdirSync(folder))("%s is sound and its examples hold", (fileName) => {
    const map = readRegisterMap(readFileSync(join(folder, fileName), "utf8"), fileName);
    expect(map.title).not.toBe("");
  });

  it.each([
    [
      "an unknown key",
      `title: t\nlines:\n  - { address: 0, typo: u16 }\n${example}`,
      "map.yaml:3: lines[0].typo: is not known",
    ],
    [
      "an unknown type",
      `title: t\nlines:\n  - { address: 0, type: u8, object: "a/1-0:1.8.0/2" }\n${example}`,
      "map.yaml:3:",
    ],
    [
      "a bad address",
      `title: t\nlines:\n  - { address: 0, type: u16, object: "a/1-0:1.8.0" }\n${example}`,
      "wants object",
    ],
    [
      "overlapping lines",
      `title: t\nlines:\n  - { address: 0, type: u32, object: "a/1-0:1.8.0/2" }\n  - { address: 1, type: u16, object: "b/1-0:1.8.0/2" }\n${example}`,
      "map.yaml:4: lines.1: register 1 already belongs to a/1-0:1.8.0*255/2",
    ],
    [
      "a line behind the end",
      `title: t\nlines:\n  - { address: 65534, type: u64, object: "a/1-0:1.8.0/2" }\n${example}`,
      "ends behind register 65535",
    ],
    [
      "an example that does not hold",
      'title: t\nlines:\n  - { address: 0, type: u16, object: "a/1-0:1.8.0/2" }\nexamples:\n  - { type: u16, value: 1, registers: 0002 }\n',
      "map.yaml:5: examples.0.registers: is 0001, not 0002",
    ],
    [
      "forms that overlap in a block",
      `title: t\nautomatic:\n  start: 0\n  registersPerMeter: 10\n  values: 1\n  registersPerValue: 4\n  forms:\n    - { at: 0, type: u32 }\n    - { at: 1, type: u16 }\n${example}`,
      "map.yaml:8:",
    ],
    ["nothing declared", `title: t\n${example}`, "declares no register"],
    ["broken YAML", "title: [\n", "map.yaml:2: is not YAML"],
  ])("refuses %s and says where", (_name, yaml, message) => {
    expect(() => readRegisterMap(yaml, "map.yaml")).toThrow(message);
  });
});
