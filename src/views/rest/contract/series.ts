/** Bodies and queries of the calls on measurement series. */
import Type, { type Static, type TSchema } from "typebox";

const closed = { additionalProperties: false } as const;
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 64 });
const Expression = Type.String({
  minLength: 1,
  maxLength: 4000,
  description: "e.g. `sum([A/1-0:1.8.0], [B/1-0:1.8.0])`, `consumption([A/8-0:1.0.0], day)`; docs/series.md",
});
const Moment = Type.String({ maxLength: 40, description: "ISO 8601 with zone" });

export const Series = Type.Object(
  {
    id: Type.String({ description: "address of a record, or name of a computed series" }),
    kind: Type.Enum(["record", "computed"]),
    name: Type.String(),
    unit: Type.String({ description: "empty: none" }),
    expression: Nullable(Type.String()),
    problem: Nullable(Type.String({ description: "why it gives nothing now" })),
  },
  { $id: "Series" },
);
export type Series = Static<typeof Series>;

export const SeriesList = Type.Object(
  { series: Type.Array(Series), next: Nullable(Type.String({ description: "give it as `after` for the next page" })) },
  { $id: "SeriesList" },
);
export type SeriesList = Static<typeof SeriesList>;

export const SeriesValues = Type.Object(
  {
    id: Type.String(),
    unit: Type.String(),
    values: Type.Array(
      Type.Object({
        time: Type.String({ description: "of a reading, or the start of a period" }),
        end: Nullable(Type.String({ description: "of a period; exclusive" })),
        value: Nullable(Type.String({ description: "exact decimal text" })),
        note: Nullable(Type.String({ description: "why there is no value" })),
        status: Type.String({ description: "`ok`, or what was wrong with the readings behind it" }),
      }),
    ),
    next: Nullable(Type.String({ description: "give it as `from` for the next page" })),
  },
  { $id: "SeriesValues" },
);
export type SeriesValues = Static<typeof SeriesValues>;

export const SeriesDefinition = Type.Object(
  {
    name: Name,
    expression: Expression,
    unit: Type.Optional(Type.String({ maxLength: 16, description: "only where a factor makes another unit" })),
    description: Type.Optional(Type.String({ maxLength: 200 })),
    toleranceMinutes: Type.Optional(
      Type.Number({ minimum: 0, maximum: 44_640, description: "how far apart readings belong together; default 15" }),
    ),
  },
  { ...closed, $id: "SeriesDefinition" },
);
export type SeriesDefinition = Static<typeof SeriesDefinition>;

export const SeriesCheck = Type.Object(
  { unit: Type.String(), series: Type.Array(Type.String()) },
  { $id: "SeriesCheck" },
);
export type SeriesCheck = Static<typeof SeriesCheck>;

export const DefinedSeries = Type.Object(
  { series: Type.Array(Type.Object({ name: Type.String(), expression: Type.String(), register: Type.String() })) },
  { $id: "DefinedSeries" },
);
export type DefinedSeries = Static<typeof DefinedSeries>;

export const MeterSwap = Type.Object(
  {
    before: Type.String({ maxLength: 80, description: "the old meter's device" }),
    after: Type.String({ maxLength: 80, description: "the new meter's device" }),
    at: Moment,
    readings: Type.Optional(
      Type.Record(
        Type.String({ maxLength: 32 }),
        Type.Object({ final: Type.String({ maxLength: 40 }), first: Type.String({ maxLength: 40 }) }, closed),
        { description: "by OBIS code, in the unit of the series: what the old meter showed last, the new one first" },
      ),
    ),
  },
  { ...closed, $id: "MeterSwap" },
);
export type MeterSwap = Static<typeof MeterSwap>;

export const SeriesQuery = Type.Object(
  {
    device: Type.Optional(Type.String({ maxLength: 80 })),
    after: Type.Optional(Type.String({ maxLength: 200 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200 })),
  },
  closed,
);
export const SeriesValuesQuery = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 200 }),
    from: Type.Optional(Moment),
    to: Type.Optional(Moment),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 })),
  },
  closed,
);
export const SeriesNameQuery = Type.Object({ name: Name }, closed);

export const seriesSchemas = [
  Series,
  SeriesList,
  SeriesValues,
  SeriesDefinition,
  SeriesCheck,
  DefinedSeries,
  MeterSwap,
] as const;
