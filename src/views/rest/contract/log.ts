/** Bodies and queries of the calls on the system log. */
import Type, { type Static } from "typebox";

const closed = { additionalProperties: false } as const;
const Moment = Type.String({ maxLength: 40, description: "ISO 8601 with zone; inclusive" });
const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const SeverityName = Type.Enum(["debug", "information", "warning", "error", "critical"]);

export const LogEntry = Type.Object(
  {
    id: Type.Integer(),
    time: Type.String({ format: "date-time", description: "ISO 8601, in the gateway's zone at that time" }),
    clockStatus: Type.Integer({ description: "COSEM clock status of that time; 0: good" }),
    severity: SeverityName,
    origin: Type.String({ description: "a section, and whom it is about: `meter/GWF19458309073C`" }),
    textId: Type.Integer({ description: "of /log/texts; the COSEM event code of an event" }),
    text: Type.String(),
    parameters: Type.Record(Type.String(), Type.Unknown()),
  },
  { $id: "LogEntry" },
);
export type LogEntry = Static<typeof LogEntry>;

export const LogList = Type.Object(
  {
    entries: Type.Array(LogEntry),
    hasMore: Type.Boolean({ description: "then give the last id as `before` (or `after`) for the next page" }),
  },
  { $id: "LogList" },
);
export type LogList = Static<typeof LogList>;

export const LogTexts = Type.Object(
  {
    texts: Type.Array(
      Type.Object({
        id: Type.Integer(),
        text: Type.String({ description: "`{name}` stands for a parameter" }),
        section: Type.String(),
        cosemLog: Type.Enum(["none", "event", "fraud"]),
      }),
    ),
  },
  { $id: "LogTexts" },
);
export type LogTexts = Static<typeof LogTexts>;

const filters = {
  severity: Type.Optional(Type.Enum(["debug", "information", "warning", "error", "critical"])),
  from: Type.Optional(Moment),
  to: Type.Optional(Moment),
  origin: Type.Optional(Type.String({ maxLength: 100, description: "`meter`, or `meter/GWF19458309073C`" })),
  textId: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
};

export const LogListQuery = Type.Object(
  {
    ...filters,
    before: Type.Optional(Id),
    after: Type.Optional(Id),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  },
  closed,
);
export const LogCsvQuery = Type.Object(filters, closed);
export type LogCsvQuery = Static<typeof LogCsvQuery>;

export const logSchemas = [LogEntry, LogList, LogTexts] as const;
