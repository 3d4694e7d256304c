/** The bare reference of profiles: the same rows by one SELECT. Message: `{path, meterId}`; answers `{seconds, rows}`. */
import { openSqlite } from "../../support/sqlite.js";

export interface ScanAnswer {
  readonly seconds: number;
  readonly rows: number;
}

process.on("message", ({ path, meterId }: { path: string; meterId: number }) => {
  const connection = openSqlite(path, { readonly: true });
  const started = performance.now();
  const rows = connection
    .prepare(
      "SELECT number, read_at_ms, layout_id, clock_status, payload FROM readings WHERE meter_id = ? ORDER BY number",
    )
    .all(meterId).length;
  const seconds = (performance.now() - started) / 1000;
  connection.close();
  process.send?.({ seconds, rows });
});
process.on("disconnect", () => process.exit(0));
