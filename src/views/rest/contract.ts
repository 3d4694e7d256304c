/**
 * The HTTP contract of /api/v1: one declaration makes validation, OpenAPI 3.1 and the web's types.
 * Measured values: `value` is scaled to `unit` (a number, or text beyond 2^53 and for text values; null: not valid),
 * `raw` and `scaler` are as the meter sent them. Times are ISO 8601 with zone.
 */
import Type, { type Static } from "typebox";

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: "date-time", description: "ISO 8601 with zone" });

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "what was wrong, where, and what to do" }),
  },
  { $id: "Problem", description: "RFC 9457 problem" },
);
export type Problem = Static<typeof Problem>;

export const Gateway = Type.Object(
  {
    device: Type.String({ description: "logical device name of the gateway" }),
    productName: Type.String(),
    version: Type.String(),
    now: Time,
    startedAt: Time,
    meterCount: Type.Integer(),
    /** Doors that are open: name and port. */
    doors: Type.Array(Type.Object({ name: Type.String(), port: Type.Integer() })),
    notices: Type.Array(Type.String({ description: "what an admin should know, e.g. open demo access" })),
  },
  { $id: "Gateway" },
);
export type Gateway = Static<typeof Gateway>;

export const Value = Type.Object(
  {
    address: Type.String({ description: "<device>/<OBIS>/<attribute>" }),
    description: Type.String({ description: "e.g. `energy` or `volume, maximum, tariff 1`" }),
    value: Nullable(Type.Union([Type.Number(), Type.String()])),
    unit: Type.String(),
    scaler: Type.Integer(),
    raw: Nullable(Type.Union([Type.Number(), Type.String()])),
    time: Nullable(Time),
    status: Type.String({ description: "`ok`, or what is wrong with the value" }),
    unmapped: Type.Boolean({ description: "no OBIS map knew the record" }),
  },
  { $id: "Value" },
);
export type Value = Static<typeof Value>;

export const Meter = Type.Object(
  {
    device: Type.String(),
    sap: Type.Integer(),
    manufacturer: Nullable(Type.String()),
    identification: Nullable(Type.String()),
    version: Nullable(Type.Integer()),
    medium: Nullable(Type.Integer()),
    mediumName: Nullable(Type.String()),
    position: Type.String(),
    interfaceName: Type.String(),
    readingNumber: Nullable(Type.Integer()),
    readAt: Nullable(Time),
    lastReadout: Nullable(
      Type.Object({ at: Time, ok: Type.Boolean(), message: Type.String(), durationMs: Type.Number() }),
    ),
    /** The first values of the meter, for lists; all of them at /meters/{device}/objects. */
    values: Type.Array(Value),
  },
  { $id: "Meter" },
);
export type Meter = Static<typeof Meter>;

export const MeterList = Type.Object(
  { meters: Type.Array(Meter), total: Type.Integer(), next: Nullable(Type.String({ description: "cursor" })) },
  { $id: "MeterList" },
);
export type MeterList = Static<typeof MeterList>;

export const ObjectSummary = Type.Object(
  {
    address: Type.String({ description: "<device>/<OBIS>" }),
    classId: Type.Integer(),
    className: Type.String(),
    version: Type.Integer(),
    logicalName: Type.String(),
    /** Value of attribute 2 where the class is Register or Extended register. */
    value: Nullable(Value),
  },
  { $id: "ObjectSummary" },
);
export type ObjectSummary = Static<typeof ObjectSummary>;

export const ObjectList = Type.Object(
  { objects: Type.Array(ObjectSummary), next: Nullable(Type.String()) },
  { $id: "ObjectList" },
);
export type ObjectList = Static<typeof ObjectList>;

export const CosemObjectDetail = Type.Object(
  {
    address: Type.String(),
    classId: Type.Integer(),
    className: Type.String(),
    version: Type.Integer(),
    attributes: Type.Array(
      Type.Object({
        index: Type.Integer(),
        name: Type.String(),
        type: Type.String({ description: "the standard's type" }),
        access: Type.String({ description: "`none`, `get`, `set`, `getSet` for this caller" }),
        value: Type.Unknown(),
        error: Nullable(Type.String({ description: "why there is no value" })),
      }),
    ),
    methods: Type.Array(Type.Object({ index: Type.Integer(), name: Type.String() })),
    value: Nullable(Value),
  },
  { $id: "CosemObject" },
);
export type CosemObjectDetail = Static<typeof CosemObjectDetail>;

export const History = Type.Object(
  {
    columns: Type.Array(
      Type.Object({
        address: Type.String(),
        description: Type.String(),
        unit: Type.String(),
        scaler: Type.Integer(),
      }),
    ),
    rows: Type.Array(
      Type.Object({
        time: Time,
        status: Type.String(),
        values: Type.Array(Nullable(Type.Union([Type.Number(), Type.String()]))),
      }),
    ),
    next: Nullable(Type.String({ description: "cursor of the next page" })),
  },
  { $id: "History" },
);
export type History = Static<typeof History>;

/** Events of GET /api/v1/events (server-sent events): the event's name and its data. */
export interface ServerEvents {
  /** A readout was committed; the meter with its newest values. */
  readonly meter: Meter;
  /** Notices were dropped because this client was slow: read everything again. */
  readonly resynchronise: Record<string, never>;
}
