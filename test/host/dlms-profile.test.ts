/** `cosem-gateway dlms profile` with the recorded profile: 24 hourly rows of clock, a counter and another. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Data, fromHex, logicalName, parseCosemDateTime } from "../../cosem/index.js";
import { command } from "../../src/host/commands/dlms.js";
import { rowsWithin } from "../../src/host/dlms-client/profile-selection.js";
import { createDlmsView, type DlmsView } from "../../src/views/dlms/index.js";
import { captureOutput } from "../support/captured-output.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

let view: DlmsView;
const output = captureOutput();

beforeEach(async () => {
  const fixture = createDlmsFixture();
  view = createDlmsView({
    registry: fixture.registry,
    clients: [{ clientSap: 16, association: fixture.association(16), mechanism: 0 }],
    host: "127.0.0.1",
    port: 0,
    logger: recordingLogger(),
    clock: systemClock,
  });
  await view.start();
});
afterEach(() => view.stop());

const profile = "sap1/7:1-0:99.1.0*255";
const run = (...words: string[]) => command.run(["profile", `127.0.0.1:${view.port}`, profile, ...words]);
const lines = () => output.out.split("\r\n");

// Row n: 2026-11-21, n o'clock in CET, 100 m3 + n * 0.125, n * 0.01 (scaler -3, unit 13).
const header = "time,8-0:1.0.0*255/2 [m3],8-0:2.0.0*255/2 [m3]";

describe("dlms profile", () => {
  it("prints rows as CSV, times with their zone, units in the header", async () => {
    expect(await run()).toBe(0);
    expect(lines()).toHaveLength(26);
    expect(lines().slice(0, 3)).toEqual([
      header,
      "2026-11-21T00:00:00+01:00,100,0",
      "2026-11-21T01:00:00+01:00,100.125,0.01",
    ]);
    expect(lines().slice(24)).toEqual(["2026-11-21T23:00:00+01:00,102.875,0.23", ""]);
    expect(output.told).toBe("");
  });

  it("takes times with their zone, both included", async () => {
    expect(await run("--from", "2026-11-21T01:00:00Z", "--to", "2026-11-21T03:00:00+01:00")).toBe(0);
    expect(lines()).toEqual([
      header,
      "2026-11-21T02:00:00+01:00,100.25,0.02",
      "2026-11-21T03:00:00+01:00,100.375,0.03",
      "",
    ]);
  });

  it.each([
    ["with times", ["--from", "2026-11-21T04:00:00+01:00", "--to", "2026-11-21T04:00:00+01:00"]],
    ["with entries", ["--entries", "5-5"]],
  ])("gives columns in the order asked for, %s", async (_, which) => {
    expect(await run("--columns", "3,1,3", ...which)).toBe(0);
    const title = "8-0:2.0.0*255/2 [m3]";
    expect(lines()).toEqual([`${title},time,${title}`, "0.04,2026-11-21T04:00:00+01:00,0.04", ""]);
  });

  it("counts entries from 1, to the end where none is named", async () => {
    expect(await run("--entries", "23-", "--json")).toBe(0);
    const rows = output.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(rows).toEqual([
      { time: "2026-11-21T22:00:00+01:00", "8-0:1.0.0*255/2 [m3]": "102.75", "8-0:2.0.0*255/2 [m3]": "0.22" },
      { time: "2026-11-21T23:00:00+01:00", "8-0:1.0.0*255/2 [m3]": "102.875", "8-0:2.0.0*255/2 [m3]": "0.23" },
    ]);
  });

  it.each([
    [["--columns", "4"], "there is no column 4; the profile has 3"],
    [["--columns", "0"], "--columns wants numbers from 1"],
    [["--entries", "0-3"], "--entries wants A-B"],
    [["--from", "yesterday"], "--from wants a time such as"],
  ])("refuses %j", async (words, message) => {
    await expect(run(...words)).rejects.toThrow(message);
  });
});

describe("rows that are chosen here, where a server knows no selectors", () => {
  const columns = [
    { classId: 3, logicalName: logicalName("8-0:1.0.0*255"), attributeIndex: 2, dataIndex: 0 },
    { classId: 8, logicalName: logicalName("0-0:1.0.0*255"), attributeIndex: 2, dataIndex: 0 },
  ];
  // 2026-11-21 in CET (deviation -60), at 0, 1, 2 and 3 o'clock; the last row has no time.
  const rows: Data[][] = [0, 1, 2, 3].map((hour) => [
    { type: "long", value: hour },
    { type: "octet-string", value: fromHex(`07ea0b15060${hour}000000ffc400`) },
  ]);
  rows.push([{ type: "long", value: 4 }, { type: "null-data" }]);
  const chosen = (query: Parameters<typeof rowsWithin>[1]) =>
    rowsWithin(rows, query, columns).map(([cell]) => cell !== undefined && "value" in cell && cell.value);
  const at = (text: string) => {
    const time = parseCosemDateTime(text);
    if (time === undefined) throw new Error(text);
    return time;
  };

  it("goes by time, whatever the zone, and by number", () => {
    expect(chosen({ from: at("2026-11-21T00:00:00Z") })).toEqual([1, 2, 3]);
    expect(chosen({ to: at("2026-11-21T01:00:00+01:00") })).toEqual([0, 1]);
    expect(chosen({ from: at("2026-11-21T01:00:00+01:00"), to: at("2026-11-21T01:00:00Z") })).toEqual([1, 2]);
    expect(chosen({ entries: { first: 2, last: 3 } })).toEqual([1, 2]);
    expect(chosen({ entries: { first: 4, last: 0 } })).toEqual([3, 4]);
    expect(chosen({})).toEqual([0, 1, 2, 3, 4]);
    expect(() => rowsWithin(rows, { from: at("2026-11-21T00:00:00Z") }, columns.slice(0, 1))).toThrow("--entries");
  });
});
