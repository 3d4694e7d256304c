/** Audit entries as the system log has them, and what is told of a clock that nobody knew to be right. */
import { expect, it } from "vitest";
import { createInternalReader, type Principal } from "../../../cosem/index.js";
import { createMeterLog } from "../../../src/host/system-log.js";
import { createAudit, type NewAuditRow } from "../../../src/services/audit/index.js";
import { type NewLogEntry, type SystemLog, textIdOf } from "../../../src/services/log/index.js";
import { manualClock } from "../../support/manual-clock.js";

const principal: Principal = { association: createInternalReader("rest:admin"), user: "anna", door: "rest", peer: "h" };

it("marks what was done before the clock was known good, and tells each entry to the log by its text", async () => {
  const rows: NewAuditRow[] = [];
  const lines: string[] = [];
  const told = (message: string) => void lines.push(message);
  const state = { clockStatus: 1 };
  const audit = createAudit({
    store: { addAudit: async (added) => void rows.push(...added) },
    clock: manualClock(),
    logger: { debug: told, info: told, warn: told, error: told },
    clockStatus: () => state.clockStatus,
  });
  audit.record({ principal, action: "settings.change", target: "log", result: "done" });
  audit.record({ principal, action: "meters.add", target: "sap16", detail: "by hand", result: "done" });
  state.clockStatus = 0;
  audit.record({ principal, action: "users.add", target: "eva", result: "done" });
  audit.record({ principal, action: "files.reset", target: "gateway", result: "refused" });
  audit.record({ principal, action: "files.make", target: "full-backup", result: "failed" });
  await audit.stop();
  expect(rows.map(({ detail }) => detail)).toEqual([
    "the clock was not known good",
    "by hand; the clock was not known good",
    undefined,
    undefined,
    undefined,
  ]);
  expect(lines.map(textIdOf)).toEqual([7020, 7020, 2020, 2021, 2022]);
});

it("counts refusals of one minute and names what else they were on", async () => {
  const rows: NewAuditRow[] = [];
  const clock = manualClock();
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const audit = createAudit({ store: { addAudit: async (added) => void rows.push(...added) }, clock, logger });
  const refused = (target: string) =>
    audit.record({ principal, action: "session.logIn", target, detail: "wrong", result: "refused" });
  for (const target of ["default", "default", "admin", "root", "admin"]) refused(target);
  await clock.advance(60_000);
  for (let user = 0; user < 30; user++) refused(`user${user}`);
  await audit.stop();
  expect(rows.map(({ target, count, detail }) => [target, count, detail])).toEqual([
    ["default", 1, "wrong"],
    ["default", 4, "again within a minute, also on admin, root: wrong"],
    ["user0", 1, "wrong"],
    [
      ...["user0", 29],
      "again within a minute, also on user1, user2, user3, user4, user5, user6, user7, user8, user9, user10 and more: wrong",
    ],
  ]);
});

it("logs a meter's status byte as the setting says at that moment", () => {
  const entries: NewLogEntry[] = [];
  const log = { record: (entry: NewLogEntry) => void entries.push(entry) } as unknown as SystemLog;
  const setting = { meterStatus: "never" as "never" | "onChange" | "always" };
  const meterLog = createMeterLog(log, () => setting.meterStatus);
  const device = { name: "GWF1", row: { id: 7 } } as Parameters<typeof meterLog.status>[0];
  const at = { atMs: 1, clockStatus: 0 };
  const status = (now: number, before: number) => meterLog.status(device, now, before, at);
  status(16, 0);
  setting.meterStatus = "onChange";
  status(16, 16);
  status(4, 16);
  setting.meterStatus = "always";
  status(4, 4);
  expect(entries.map(({ textId, meterId }) => [textId, meterId])).toEqual([
    [4004, 7],
    [4004, 7],
  ]);
});
