import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsMarkdown } from "../../src/host/settings-documents.js";
import { repositoryRoot } from "../support/repository.js";

test("docs/settings.md is what `settings list --markdown` prints", () => {
  expect(readFileSync(join(repositoryRoot, "docs/settings.md"), "utf8")).toBe(settingsMarkdown());
});
