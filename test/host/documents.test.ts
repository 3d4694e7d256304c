import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { settingsMarkdown } from "../../src/host/settings-documents.js";
import { loadSettings } from "../../src/settings/index.js";
import { readRegisterMap } from "../../src/views/modbus/index.js";
import { repositoryRoot } from "../support/repository.js";

const read = (path: string) => readFileSync(join(repositoryRoot, path), "utf8");

/** The one YAML example of a document. */
function yamlOf(path: string): string {
  const block = /```yaml\n([\s\S]*?)```/.exec(read(path))?.[1];
  if (block === undefined) throw new Error(`${path} has no YAML example`);
  return block;
}

test("docs/settings.md is what `settings list --markdown` prints", () => {
  expect(read("docs/settings.md")).toBe(settingsMarkdown());
});

test("the settings file of the README is taken as it stands", () => {
  const loaded = loadSettings(yamlOf("README.md"), "README.md", settingsChecks);
  expect(loaded).toMatchObject({ ok: true });
  if (loaded.ok) expect(loaded.settings.meters.map(({ position }) => position)).toEqual(["Flat 1, water", "Solar"]);
});

test("the register map of docs/modbus.md is taken as it stands", () => {
  expect(readRegisterMap(yamlOf("docs/modbus.md"), "docs/modbus.md").lines).toHaveLength(2);
});
