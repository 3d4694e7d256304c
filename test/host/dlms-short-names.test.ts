/** `cosem-gateway dlms … --sn` against our own server with short names. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { command } from "../../src/host/commands/dlms.js";
import { createDlmsView, type DlmsView } from "../../src/views/dlms/index.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

let view: DlmsView;
let lines: string[];

beforeEach(async () => {
  const fixture = createDlmsFixture();
  view = createDlmsView({
    registry: fixture.registry,
    clients: [{ clientSap: 16, association: fixture.association(16), mechanism: 0, applicationContext: 2 }],
    host: "127.0.0.1",
    port: 0,
    logger: recordingLogger(),
    clock: systemClock,
  });
  await view.start();
  lines = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    lines.push(String(text).trimEnd());
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await view.stop();
});

const run = (...words: string[]) => command.run([...words, "--sn", "--json"]);

it("lists objects, reads, sets and reads again by short names", async () => {
  const where = `127.0.0.1:${view.port}`;
  expect(await run("list", where, "--device", "sap1")).toBe(0);
  const listed = lines.map((line) => JSON.parse(line) as { classId?: number; logicalName?: string });
  expect(listed.find(({ classId }) => classId === 12)?.logicalName).toBe("0-0:40.0.0*255");
  lines.length = 0;
  expect(await run("read", where, "sap1/8-0:1.0.0*255/2")).toBe(0);
  // 103000 with scaler -3 and unit 13, cubic metres (sn.json, read-register).
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ value: 103_000, scaler: -3, unit: "m3" });
  expect(await run("set", where, "sap1/0-0:96.1.0*255/2", '{"double-long-unsigned": 4711}')).toBe(0);
  lines.length = 0;
  expect(await run("read", where, "sap1/0-0:96.1.0*255/2")).toBe(0);
  expect(lines[0]).toContain("4711");
});
