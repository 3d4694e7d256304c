/** Rows a second of a load profile, read whole over DLMS, beside a plain scan of the same rows. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alternate } from "./alternate.js";
import { startServer, startWorker } from "./load/process.js";
import type { ProfileAnswer } from "./load/profile-load.js";
import type { ProfileReady } from "./load/profile-server.js";
import type { ScanAnswer } from "./load/sqlite-scan.js";
import { type Bench, result } from "./result.js";

/** A year of quarter hours. */
const rows = 35_040;

export const profileBench: Bench = {
  names: ["profile-rows"],
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "cosem-gateway-bench-"));
    try {
      return [await measure(join(folder, "gateway.db"))];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(path: string) {
  const plainPath = `${path}.plain`;
  const server = await startServer<ProfileReady>("profile-server.js", { path, plainPath, rows });
  const [load, scan] = [startWorker("profile-load.js"), startWorker("sqlite-scan.js")];
  const { columns } = server.ready;
  let bytes = 0;
  const overDlms = async () => {
    const answer = await load.ask<ProfileAnswer>(server.ready);
    bytes = answer.bytes;
    return rows / answer.seconds;
  };
  const scanned = async () => {
    const answer = await scan.ask<ScanAnswer>({ path: plainPath, meterId: 1 });
    return answer.rows / answer.seconds;
  };
  await overDlms();
  await scanned();
  const { value, reference } = await alternate(overDlms, scanned, 5);
  await Promise.all([server.stop(), load.stop(), scan.stop()]);
  const megabytes = (bytes / 1e6).toFixed(1);
  const note = `${rows} rows of ${columns} columns, ${megabytes} MB of A-XDR in blocks of 64 KiB, one connection`;
  return result(
    "profile-rows",
    value,
    "rows/s",
    { what: "plain SQLite scan, telegrams unread", value: reference },
    note,
  );
}
