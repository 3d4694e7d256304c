import { Readable } from "node:stream";
import { cosemDateTimeFromInstant } from "../../../../cosem/index.js";
import type { LogEntry as Entry, LogQuery, LogSeverity } from "../../../services/log/contract.js";
import {
  LogCsvQuery as CsvQuery,
  type LogCsvQuery,
  type LogEntry,
  LogList,
  LogListQuery,
  LogTexts,
} from "../contract/log.js";
import { NoQuery } from "../contract.js";
import { sendProblem, sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { parseMoment } from "../times.js";
import { answers, principalOf } from "./responses.js";

const tags = ["log"];
const severities = { debug: -1, information: 0, warning: 1, error: 2, critical: 3 } as const;
type SeverityName = keyof typeof severities;
const names = new Map(Object.entries(severities).map(([name, value]) => [value as LogSeverity, name as SeverityName]));

/** GET /log, /log.csv and /log/texts: the system log. */
export function addLogRoutes(routes: RestRoutes, context: RouteContext): void {
  const { log } = context.options;
  if (log === undefined) return;

  routes.get(
    "/log",
    {
      schema: {
        tags,
        summary: "The system log, newest first; behind `after`, oldest first",
        querystring: LogListQuery,
        response: answers(LogList, "One page.", 403),
      },
    },
    async (request, reply) => {
      const { before, after, limit = 100 } = request.query;
      const filter = filterOf(request.query);
      if (typeof filter === "string") return sendProblem(reply, 400, filter);
      const query = { ...filter, beforeId: before, afterId: after, limit };
      const page = await log.page(principalOf(context, request), query);
      if (!page.ok) return sendServiceRefusal(reply, page.refusal);
      return { entries: page.value.entries.map(shown), hasMore: page.value.hasMore } satisfies LogList;
    },
  );

  routes.get(
    "/log.csv",
    { schema: { tags, summary: "The same as CSV, oldest first, streamed", querystring: CsvQuery } },
    async (request, reply) => {
      const filter = filterOf(request.query);
      if (typeof filter === "string") return sendProblem(reply, 400, filter);
      const csv = log.csv(principalOf(context, request), filter);
      if (!csv.ok) return sendServiceRefusal(reply, csv.refusal);
      reply.type("text/csv; charset=utf-8").header("content-disposition", 'attachment; filename="log.csv"');
      return reply.send(Readable.from(csv.value));
    },
  );

  routes.get(
    "/log/texts",
    {
      schema: {
        tags,
        summary: "The table of texts",
        querystring: NoQuery,
        response: answers(LogTexts, "All texts."),
      },
    },
    () => ({ texts: [...log.texts()] }) satisfies LogTexts,
  );
}

/** A string says what is wrong. */
function filterOf({ severity, from, to, origin, textId }: LogCsvQuery): Omit<LogQuery, "limit"> | string {
  const fromMs = from === undefined ? undefined : parseMoment(from);
  const toMs = to === undefined ? undefined : parseMoment(to);
  if (from !== undefined && fromMs === undefined) return `from "${from}" is not ISO 8601 with zone`;
  if (to !== undefined && toMs === undefined) return `to "${to}" is not ISO 8601 with zone`;
  const minimumSeverity = severity === undefined ? undefined : severities[severity as SeverityName];
  return { fromMs, toMs, minimumSeverity, origin, textId };
}

function shown({ atMs, deviationMinutes, severity, parameters, ...entry }: Entry): LogEntry {
  return {
    ...entry,
    time: cosemDateTimeFromInstant(atMs, deviationMinutes).toString(),
    severity: names.get(severity) ?? "information",
    parameters: { ...parameters },
  };
}
