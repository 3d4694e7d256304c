import { cosemDateTimeFromInstant, type Principal } from "../../../cosem/index.js";
import type { LogRow, LogSeverity, LogStore } from "../../ports/index.js";
import { demand } from "../recorder.js";
import { accepted } from "../refusal.js";
import type { LogEntry, LogQuery, LogService } from "./contract.js";
import { csvLine } from "./csv.js";
import { isFraud, logTexts, sectionOf, wordsOf } from "./texts.js";

const allSeverities: readonly LogSeverity[] = [-1, 0, 1, 2, 3];
export const severityNames: Readonly<Record<LogSeverity, string>> = {
  [-1]: "debug",
  0: "information",
  1: "warning",
  2: "error",
  3: "critical",
};
const rowsAPiece = 500;
const csvHeader = ["id", "time", "clockStatus", "severity", "origin", "textId", "text", "parameters"];

export function createLogService(store: Pick<LogStore, "logRows">): LogService {
  const rowsOf = ({ minimumSeverity, ...query }: LogQuery) =>
    store.logRows({
      ...query,
      ...(minimumSeverity === undefined
        ? {}
        : { severities: allSeverities.filter((severity) => severity >= minimumSeverity) }),
    });

  async function* csvOf(query: Omit<LogQuery, "limit">): AsyncIterable<string> {
    // The mark tells spreadsheets that it is UTF-8.
    yield `\uFEFF${csvLine(csvHeader)}`;
    let afterId = 0;
    for (;;) {
      const rows = await rowsOf({ ...query, afterId, limit: rowsAPiece });
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows.map((row) => csvLine(fieldsOf(entryOf(row)))).join("");
      afterId = last.id;
      if (rows.length < rowsAPiece) return;
    }
  }

  return {
    async page(principal: Principal, query) {
      const refused = demand(principal, "log.read");
      if (refused !== undefined) return refused;
      const rows = await rowsOf(query);
      return accepted({ entries: rows.map(entryOf), hasMore: rows.length > 0 && rows.length >= query.limit });
    },
    csv: (principal, query) => demand(principal, "log.read") ?? accepted(csvOf(query)),
    texts: () =>
      [...logTexts.values()].map(({ id, text, isEvent }) => ({
        id,
        text,
        section: sectionOf(id),
        cosemLog: isFraud(id) ? "fraud" : isEvent ? "event" : "none",
      })),
  };
}

/** The newest entries, the oldest of them first, a line each: time, severity, origin, text id, words. */
export async function newestLines(store: Pick<LogStore, "logRows">, count: number): Promise<readonly string[]> {
  const lines: string[] = [];
  let beforeId: number | undefined;
  while (lines.length < count) {
    const rows = await store.logRows({ beforeId, limit: Math.min(1000, count - lines.length) });
    for (const row of rows) {
      const { atMs, deviationMinutes, severity, origin, textId, text } = entryOf(row);
      const time = cosemDateTimeFromInstant(atMs, deviationMinutes).toString();
      lines.push([time, severityNames[severity], origin, textId, text].join(" "));
    }
    beforeId = rows.at(-1)?.id;
    if (beforeId === undefined) break;
  }
  return lines.toReversed();
}

function entryOf({ parameters, meterId: _meterId, cosemLog: _cosemLog, ...row }: LogRow): LogEntry {
  const read = JSON.parse(parameters) as Record<string, unknown>;
  return { ...row, text: wordsOf(row.textId, read), parameters: read };
}

function fieldsOf(entry: LogEntry): readonly string[] {
  return [
    String(entry.id),
    cosemDateTimeFromInstant(entry.atMs, entry.deviationMinutes).toString(),
    String(entry.clockStatus),
    severityNames[entry.severity],
    entry.origin,
    String(entry.textId),
    entry.text,
    JSON.stringify(entry.parameters),
  ];
}
