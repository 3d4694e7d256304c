/**
 * How far each receiver has every meter's readings: the number of the last one delivered, by SAP (a meter keeps it for
 * life). Kept in pages, so that one delivery to 100,000 meters neither needs them all in memory nor writes them all.
 */
import type { ReportState } from "./contract.js";

/** Meters a page. */
const pageSize = 256;

export interface ReportCursor {
  /** The last reading delivered; 0 for none. */
  lastDelivered(sap: number): Promise<number>;
  /** To be kept once the report with this reading is delivered. */
  advance(sap: number, readingNumber: number): Promise<void>;
  /** The report arrived: keeps what was advanced. Cut short, some values come a second time, and none is lost. */
  commit(): Promise<void>;
}

/** @param key names report and receiver */
export function createReportCursor(state: ReportState, key: string): ReportCursor {
  /** Pages with changes, as text: a small object each is what stays in memory. */
  const changed = new Map<number, string>();
  let pageNumber = -1;
  let page: Record<string, number> = {};

  const pageKey = (number: number) => `push/${key}/${number}`;

  async function turnTo(number: number): Promise<void> {
    if (number === pageNumber) return;
    page = parsePage(changed.get(number) ?? (await state.getState(pageKey(number))));
    pageNumber = number;
  }

  return {
    async lastDelivered(sap) {
      await turnTo(Math.floor(sap / pageSize));
      return page[sap] ?? 0;
    },
    async advance(sap, readingNumber) {
      await turnTo(Math.floor(sap / pageSize));
      page[sap] = readingNumber;
      changed.set(pageNumber, JSON.stringify(page));
    },
    async commit() {
      for (const [number, text] of changed) await state.setState(pageKey(number), text);
      changed.clear();
    },
  };
}

function parsePage(text: string | undefined): Record<string, number> {
  if (text === undefined) return {};
  const page: unknown = JSON.parse(text);
  const isPage = typeof page === "object" && page !== null && Object.values(page).every(Number.isSafeInteger);
  if (!isPage) throw new Error("a report cursor in the database is damaged");
  return { ...page } as Record<string, number>;
}
