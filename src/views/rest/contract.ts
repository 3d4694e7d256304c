/**
 * The HTTP contract of /api/v1: one declaration makes validation, OpenAPI 3.1 and the web's types.
 * Measured values: `value` is scaled to `unit` (a number where a JSON number holds it exactly, else its decimal text;
 * null: not valid), `raw` and `scaler` are as the meter sent them. Times are ISO 8601 with zone.
 */
import Type, { type Static, type TSchema } from "typebox";
import { licenceSchemas } from "./contract/licences.js";
import { logSchemas } from "./contract/log.js";
import { seriesSchemas } from "./contract/series.js";

export * from "./contract/licences.js";
export * from "./contract/log.js";
export * from "./contract/series.js";

import { accountSchemas } from "./contract/accounts.js";
import { jobSchemas } from "./contract/jobs.js";
import { upkeepSchemas } from "./contract/upkeep.js";

export * from "./contract/accounts.js";
export * from "./contract/upkeep.js";

import { meterListSchemas } from "./contract/meter-list.js";
import { readoutSchemas } from "./contract/readouts.js";

export * from "./contract/jobs.js";
export * from "./contract/meter-list.js";
export * from "./contract/readouts.js";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** A reference to a schema below, by its `$id`; its type is the schema's. */
const Reference = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Static<T>>({ $ref: `${(schema as { $id?: string }).$id}#` });
const Time = Type.String({ format: "date-time", description: "ISO 8601 with zone" });
const Scalar = Nullable(Type.Union([Type.Number(), Type.String()]));
const Device = Type.String({ pattern: "^[^/\\s]{1,64}$", description: "logical device name, or `sap<number>`" });
const Cursor = (of: string) => Type.String({ maxLength: 64, description: `\`next\` of the page before: ${of}` });

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

export const Health = Type.Object(
  { status: Type.Literal("ok"), uptimeSeconds: Type.Integer({ minimum: 0 }) },
  { $id: "Health" },
);
export type Health = Static<typeof Health>;

export const Gateway = Type.Object(
  {
    device: Type.String({ description: "logical device name of the gateway" }),
    productName: Type.String(),
    version: Type.String(),
    now: Time,
    startedAt: Time,
    meterCount: Type.Integer(),
    doors: Type.Array(Type.Object({ name: Type.String(), port: Type.Integer() }), {
      description: "doors that are open",
    }),
    notices: Type.Array(Type.String(), { description: "what an admin should know, e.g. open demo access" }),
    refusals: Type.Array(Type.Object({ what: Type.String(), reason: Type.String(), count: Type.Integer() }), {
      description: "connections, associations and requests that the DLMS doors turned away since the start",
    }),
  },
  { $id: "Gateway" },
);
export type Gateway = Static<typeof Gateway>;

export const Value = Type.Object(
  {
    address: Type.String({ description: "<device>/<OBIS>/<attribute>" }),
    description: Type.String({ description: "e.g. `energy` or `volume, maximum, tariff 1`" }),
    value: Scalar,
    unit: Type.String(),
    scaler: Type.Integer(),
    raw: Scalar,
    time: Nullable(Time),
    status: Type.String({ description: "`ok`, or what is wrong with the value" }),
    unmapped: Type.Boolean({ description: "no OBIS map knew the record" }),
  },
  { $id: "Value" },
);
export type Value = Static<typeof Value>;

export const Meter = Type.Object(
  {
    device: Type.String({ description: "logical device name, or `sap<number>` before the first good readout" }),
    sap: Type.Integer(),
    manufacturer: Nullable(Type.String()),
    identification: Nullable(Type.String({ description: "eight digits" })),
    version: Nullable(Type.Integer()),
    medium: Nullable(Type.Integer({ description: "device type of EN 13757-3" })),
    mediumName: Nullable(Type.String()),
    position: Type.String(),
    interfaceName: Type.String(),
    status: Type.String({ description: "`ok`, or what the meter's own status byte says, e.g. `low power`" }),
    readingNumber: Nullable(Type.Integer()),
    readAt: Nullable(Time),
    lastReadout: Nullable(
      Type.Object({ at: Time, ok: Type.Boolean(), message: Type.String(), durationMs: Type.Number() }),
    ),
    values: Type.Array(Reference(Value), {
      description: "the meter's main values; all of them at /meters/{device}/objects",
    }),
  },
  { $id: "Meter" },
);
export type Meter = Static<typeof Meter>;

export const TelegramField = Type.Object(
  {
    depth: Type.Integer({ description: "0 for the telegram's own fields; the parts of a field follow it, one deeper" }),
    offset: Type.Integer({ description: "from the CI field" }),
    length: Type.Integer({ description: "bytes" }),
    hex: Type.String(),
    name: Type.String({ description: "e.g. `DIF`, `VIF`, `data`" }),
    meaning: Type.String(),
    value: Nullable(Type.String()),
  },
  { $id: "TelegramField" },
);
export type TelegramField = Static<typeof TelegramField>;

const fieldsOfTelegram = Type.Array(Reference(TelegramField), {
  description: "every byte once, at its greatest depth",
});

export const ShownTelegram = Type.Object(
  {
    source: Type.Union([Type.Literal("received"), Type.Literal("stored")], {
      description:
        "received: the bytes that came, on wires from the CI field on, by radio from the L field on. stored: what the store has of it (after a restart), of wireless and encrypting meters in plain behind a header of our own and not what was sent",
    }),
    title: Type.String({ description: "what the bytes are" }),
    hex: Type.String(),
    fields: fieldsOfTelegram,
    opened: Type.Array(Type.Object({ title: Type.String(), hex: Type.String(), fields: fieldsOfTelegram }), {
      description: "what the bytes become, step by step: without checksums, decrypted",
    }),
  },
  { $id: "ShownTelegram" },
);
export type ShownTelegram = Static<typeof ShownTelegram>;

export const NewestTelegrams = Type.Object(
  {
    readingNumber: Nullable(Type.Integer({ description: "of the newest reading; null before the first" })),
    readAt: Nullable(Time),
    telegrams: Type.Array(Reference(ShownTelegram), { description: "what the newest reading came from" }),
    notKept: Nullable(
      Type.Object(
        { receivedAt: Time, message: Type.String(), telegrams: Type.Array(Reference(ShownTelegram)) },
        { description: "what came since then and could not be read, with the reason" },
      ),
    ),
  },
  { $id: "NewestTelegrams" },
);
export type NewestTelegrams = Static<typeof NewestTelegrams>;

export const MeterList = Type.Object(
  { meters: Type.Array(Reference(Meter)), total: Type.Integer(), next: Nullable(Cursor("a SAP")) },
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
    description: Type.String({ description: "what the object is, in words" }),
    /** Attribute 2 of Data, Register, Extended register and Clock; null for other classes. */
    value: Nullable(Reference(Value)),
  },
  { $id: "ObjectSummary" },
);
export type ObjectSummary = Static<typeof ObjectSummary>;

export const ObjectList = Type.Object(
  { objects: Type.Array(Reference(ObjectSummary)), next: Nullable(Cursor("a position")) },
  { $id: "ObjectList" },
);
export type ObjectList = Static<typeof ObjectList>;

export const CosemAttribute = Type.Object(
  {
    index: Type.Integer(),
    name: Type.String(),
    type: Type.String({ description: "the standard's type" }),
    access: Type.String({ description: "`none`, `get`, `set`, `getSet` for this caller" }),
    value: Type.Unknown(),
    error: Nullable(Type.String({ description: "why there is no value" })),
  },
  { $id: "CosemAttribute" },
);
export type CosemAttribute = Static<typeof CosemAttribute>;

export const CosemObjectDetail = Type.Object(
  {
    address: Type.String(),
    classId: Type.Integer(),
    className: Type.String(),
    version: Type.Integer(),
    logicalName: Type.String(),
    description: Type.String(),
    attributes: Type.Array(Reference(CosemAttribute)),
    methods: Type.Array(Type.Object({ index: Type.Integer(), name: Type.String() })),
    value: Nullable(Reference(Value)),
  },
  { $id: "CosemObject" },
);
export type CosemObjectDetail = Static<typeof CosemObjectDetail>;

export const HistoryColumn = Type.Object(
  {
    address: Type.String({ description: "<device>/<OBIS>/<attribute>" }),
    description: Type.String(),
    unit: Type.String(),
    scaler: Type.Integer(),
  },
  { $id: "HistoryColumn" },
);
export type HistoryColumn = Static<typeof HistoryColumn>;

export const History = Type.Object(
  {
    columns: Type.Array(Reference(HistoryColumn)),
    rows: Type.Array(
      Type.Object({
        time: Time,
        status: Type.String({ description: "`ok`, or what is doubtful about the row" }),
        values: Type.Array(Scalar, { description: "one per column; null: not in this reading" }),
      }),
      { description: "oldest first" },
    ),
    next: Nullable(Cursor("a moment")),
  },
  { $id: "History" },
);
export type History = Static<typeof History>;

export const Reception = Type.Object(
  {
    meter: Type.String({ description: "manufacturer, identification, medium, version, as a logical device name" }),
    device: Nullable(Type.String({ description: "the installed meter; null: not installed" })),
    manufacturer: Type.String(),
    identification: Type.String(),
    version: Type.Integer(),
    medium: Type.Integer(),
    mediumName: Type.String(),
    firstAt: Time,
    lastAt: Time,
    count: Type.Integer({ description: "telegrams, each once however many receivers heard it" }),
    encrypted: Type.Boolean({ description: "of the newest telegram, as the next two" }),
    repeated: Type.Boolean({ description: "it came through a repeater" }),
    accessNumber: Nullable(Type.Integer()),
    proprietary: Nullable(
      Type.String({ description: "a telegram in its maker's own form, which cannot be read: whose and which" }),
    ),
    unread: Nullable(
      Type.Object(
        {
          count: Type.Integer(),
          lastAt: Time,
          cause: Type.String({ description: "the check that failed: no key, wrong key, replayed …" }),
        },
        { description: "telegrams of an installed meter that could not be read, since the start" },
      ),
    ),
    links: Type.Array(
      Type.Object({
        receiver: Type.String(),
        rssiDbm: Nullable(Type.Number({ description: "dBm; null: the receiver tells none" })),
        mode: Nullable(Type.String({ description: "radio mode, as far as the receiver says it" })),
        lastAt: Time,
        count: Type.Integer(),
      }),
      { description: "the receiver that hears it best comes first" },
    ),
  },
  { $id: "Reception" },
);
export type Reception = Static<typeof Reception>;

export const ReceptionList = Type.Object(
  {
    receptions: Type.Array(Reference(Reception)),
    total: Type.Integer(),
    next: Nullable(Cursor("a reception's number")),
  },
  { $id: "ReceptionList" },
);
export type ReceptionList = Static<typeof ReceptionList>;

export const ReceiverList = Type.Object(
  {
    receivers: Type.Array(
      Type.Object({
        name: Type.String(),
        group: Type.String(),
        isOpen: Type.Boolean(),
        lastHeardAt: Nullable(Time),
        telegrams: Type.Integer({ description: "since the start, as all counts" }),
        rejected: Type.Integer({ description: "messages of the receiver that could not be understood" }),
        resets: Type.Integer({ description: "because of silence" }),
        failedResets: Type.Integer({ description: "resets that the receiver refused or its line did not take" }),
        failures: Type.Integer({ description: "times its line was lost or could not be opened" }),
        cause: Nullable(Type.String({ description: "of the last failure" })),
      }),
    ),
  },
  { $id: "ReceiverList" },
);
export type ReceiverList = Static<typeof ReceiverList>;

export const Storage = Type.Object(
  {
    readings: Type.Integer(),
    oldest: Nullable(Time),
    newest: Nullable(Time),
    openReadings: Type.Integer({ description: "not compacted yet" }),
    blocks: Type.Integer({ description: "each many compacted readings of a meter" }),
    bytesPerReading: Nullable(Type.Number({ description: "of compacted readings" })),
    fileBytes: Type.Integer(),
    roomBytes: Type.Integer({ description: "free on the disk and inside the file" }),
    readingsPerDay: Type.Number({ description: "as the meters were read lately" }),
    bytesPerDay: Type.Number(),
    daysUntilFull: Nullable(Type.Number()),
    forecast: Type.String({ description: "the same in words" }),
    assumedBytesPerReading: Type.Number({ description: "what `capacity` is reckoned with" }),
    capacity: Type.Array(
      Type.Object({
        meters: Type.Integer(),
        intervalSeconds: Type.Integer(),
        years: Type.Number({ description: "that this disk holds" }),
        cme3100Years: Type.Number({ description: "that a CMe3100 holds, by its manual" }),
      }),
    ),
  },
  { $id: "Storage" },
);
export type Storage = Static<typeof Storage>;

export const ReceivedTelegrams = Type.Object(
  {
    telegrams: Type.Array(
      Type.Object({ receivedAt: Time, hex: Type.String({ description: "wired: from the CI field on" }) }),
    ),
  },
  { $id: "ReceivedTelegrams" },
);
export type ReceivedTelegrams = Static<typeof ReceivedTelegrams>;

/** Schemas that stand under `components` of the OpenAPI document; all others are written where they are used. */
export const namedSchemas = [
  Problem,
  Health,
  Gateway,
  Value,
  Meter,
  MeterList,
  NewestTelegrams,
  ShownTelegram,
  TelegramField,
  ObjectSummary,
  ObjectList,
  CosemAttribute,
  CosemObjectDetail,
  HistoryColumn,
  History,
  Reception,
  ReceptionList,
  ReceiverList,
  Storage,
  ReceivedTelegrams,
  ...licenceSchemas,
  ...logSchemas,
  ...accountSchemas,
  ...seriesSchemas,
  ...jobSchemas,
  ...meterListSchemas,
  ...readoutSchemas,
  ...upkeepSchemas,
] as const;

const closed = { additionalProperties: false } as const;
const PageLimit = Type.Integer({ minimum: 1, maximum: 500, default: 100 });

export const NoQuery = Type.Object({}, closed);
export const DeviceParams = Type.Object({ device: Device }, closed);
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(PageLimit),
    cursor: Type.Optional(Type.String({ pattern: "^\\d{1,9}$", description: "`next` of the page before" })),
  },
  closed,
);
export const ReceivedQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 10 })) },
  closed,
);
export const ObjectParams = Type.Object(
  {
    device: Device,
    object: Type.String({
      maxLength: 32,
      description: "OBIS code `A-B:C.D.E*F`; with `3:` before it where classes share it",
    }),
  },
  closed,
);
export const AttributeParams = Type.Object(
  { ...ObjectParams.properties, attribute: Type.String({ pattern: "^\\d{1,3}$", description: "attribute index" }) },
  closed,
);
export const HistoryQuery = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40, description: "first moment, ISO 8601 with zone; inclusive" })),
    to: Type.Optional(Type.String({ maxLength: 40, description: "last moment, ISO 8601 with zone; inclusive" })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 500 })),
    cursor: Type.Optional(
      Type.String({ pattern: "^\\d{1,15}(\\.\\d{1,6})?$", description: "`next` of the page before" }),
    ),
    columns: Type.Optional(
      Type.String({ maxLength: 4000, description: "OBIS codes, comma between; without it all columns" }),
    ),
  },
  closed,
);
export type HistoryQuery = Static<typeof HistoryQuery>;

/** Events of GET /api/v1/events (server-sent events): the event's name and its data. */
export interface ServerEvents {
  /** A readout was committed; the meter with its newest values. */
  readonly meter: Meter;
  /** Notices were dropped because this client was slow: read everything again. */
  readonly resynchronise: Record<string, never>;
}
