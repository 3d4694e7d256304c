/** Every setting acts while the gateway runs, or says that it waits for a restart. */
import { expect, it } from "vitest";
import { settingsDocumentation } from "../../src/settings/index.js";

/**
 * Who takes up a change at once, and the test that shows it: what is added to the schema without the restart flag
 * comes here, with its own.
 */
const live: readonly (readonly [RegExp, string])[] = [
  // test/services/log/system-log.test.ts and test/e2e/upkeep.test.ts
  [/^log\.(minimumSeverity|meterStatus|floodSeconds|maxMegabytes|keepDays)$/, "the system log"],
  // test/services/search/search-over-tcp.test.ts
  [/^search\./, "the search"],
  // test/e2e/upkeep.test.ts
  [/^identity\.(company|department|addressLine[1-4])$/, "the commission report"],
];

it("names who takes up each setting that needs no restart", () => {
  const without = settingsDocumentation().filter(({ restart, built }) => built && !restart);
  expect(without.filter(({ path }) => !live.some(([paths]) => paths.test(path))).map(({ path }) => path)).toEqual([]);
  expect(without.length).toBeGreaterThan(20);
});

it("each setting that is a value or a list of values has a logical name of its own", () => {
  const rows = settingsDocumentation();
  const isGroupList = (path: string) => rows.some((row) => new RegExp(`^${path}\\[(\\]\\.|\\w+=)`).test(row.path));
  const own = rows.filter(({ path, secret }) => !path.includes("[") && !secret && !isGroupList(path));
  expect(own.filter(({ logicalName }) => logicalName === undefined).map(({ path }) => path)).toEqual([]);
  expect(new Set(own.map(({ logicalName }) => logicalName)).size).toBe(own.length);
});

it("a list that waits for a restart says so of all that stands in it", () => {
  const rows = new Map(settingsDocumentation().map((row) => [row.path, row]));
  expect(rows.get("reports[].schedule")?.restart).toBe(true);
  expect(rows.get("reports[].receivers[kind=http].url")?.restart).toBe(true);
  expect(rows.get("timeSync.servers[].host")?.restart).toBe(true);
});
