/** The file of one report for one receiver: made meter by meter, so that memory does not grow with their number. */
import { open } from "node:fs/promises";
import type { Principal } from "../../../cosem/index.js";
import type { MeterService, MeterSummary } from "../../services/meters/contract.js";
import { encodeText } from "./encoding.js";
import type { ReportCursor } from "./report-cursor.js";
import { dataRow, headerRow, type RowFormat } from "./report-rows.js";

const metersPerPage = 256;
const readingsPerPage = 100;
/** Value period "auto": all unsent values, but at most so many readouts of a meter (manual, 6.32.2). */
const maxReadouts = 180;
const chunkCharacters = 65_536;

export interface ReportSource {
  readonly meters: MeterService;
  readonly principal: Principal;
  readonly cursor: ReportCursor;
  readonly format: RowFormat;
}

export interface WrittenReport {
  /** Data rows; 0: nothing new, and the file is empty. */
  readonly rows: number;
  readonly byteCount: number;
}

/** Writes all that the receiver does not have yet to a new file at `path`. */
export async function writeReport(source: ReportSource, path: string): Promise<WrittenReport> {
  const { encoding } = source.format.conventions;
  const file = await open(path, "wx", 0o600);
  let rows = 0;
  let byteCount = 0;
  let waiting = "";
  const flush = async () => {
    const bytes = encodeText(waiting, encoding);
    waiting = "";
    byteCount += bytes.length;
    await file.writeFile(bytes);
  };
  try {
    for await (const row of reportRows(source)) {
      waiting += row.text;
      if (row.kind === "data") rows++;
      if (waiting.length >= chunkCharacters) await flush();
    }
    await flush();
  } finally {
    await file.close();
  }
  return { rows, byteCount };
}

interface Row {
  readonly kind: "header" | "data";
  readonly text: string;
}

async function* reportRows(source: ReportSource): AsyncGenerator<Row> {
  const { meters, principal } = source;
  let afterSap: number | undefined;
  do {
    const page = meters.list(principal, { limit: metersPerPage, ...(afterSap === undefined ? {} : { afterSap }) });
    for (const meter of page.meters) yield* meterRows(source, meter);
    afterSap = page.nextAfterSap;
  } while (afterSap !== undefined);
}

/** The rows of one meter up to the reading that is its newest now; none where the receiver has them all. */
async function* meterRows(source: ReportSource, meter: MeterSummary): AsyncGenerator<Row> {
  const { meters, principal, cursor, format } = source;
  const newest = meter.readingNumber;
  if (newest === undefined) return;
  let afterNumber = Math.max(await cursor.lastDelivered(meter.sap), newest - maxReadouts);
  const columns = afterNumber < newest ? meters.describe(principal, meter.device) : undefined;
  if (columns === undefined) return;
  let isHeaderGiven = false;
  while (afterNumber < newest) {
    const query = { afterNumber, limit: Math.min(readingsPerPage, newest - afterNumber) };
    const page = (await meters.readings(principal, meter.device, query)) ?? [];
    if (page.length === 0) return;
    for (const reading of page) {
      // Numbers can have gaps; what came after the newest of before belongs to the next report.
      if (reading.number > newest) return;
      if (!isHeaderGiven) yield { kind: "header", text: headerRow(format, columns) };
      isHeaderGiven = true;
      yield { kind: "data", text: dataRow(format, meter, reading, columns.length) };
      await cursor.advance(meter.sap, reading.number);
      afterNumber = reading.number;
    }
  }
}
