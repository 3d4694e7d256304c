/** The meter list, keys and search over REST. Fields are those of the services; null stands where there is nothing. */
import Type, { type Static, type TSchema } from "typebox";

const closed = { additionalProperties: false } as const;
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const Time = Type.String({ format: "date-time", description: "ISO 8601 with zone" });
const State = Type.Enum(["active", "passive"]);
const Mode = Type.Enum(["primary", "secondary", "esecondary", "wireless"]);
const Name = Type.String({ minLength: 1, maxLength: 32 });
const Byte = Type.Integer({ minimum: 0, maximum: 255 });

const mbus = {
  multiTelegram: Optional(Type.Enum(["off", "auto"])),
  telegramLimit: Optional(Type.Integer({ description: "0: as many as the meter announces" })),
  responseTimeoutMs: Optional(Type.Integer()),
  readoutRetries: Optional(Type.Integer()),
  selectionRetries: Optional(Type.Integer()),
  collisionIdleMs: Optional(Type.Integer()),
  requestIdleMs: Optional(Type.Integer()),
};

export const ListedMeter = Type.Object(
  {
    device: Type.String({ description: "logical device name, or `sap<number>`" }),
    sap: Type.Integer(),
    position: Type.String({ description: "place or function (MOID)" }),
    secondaryAddress: Nullable(Type.String()),
    manufacturer: Nullable(Type.String()),
    version: Nullable(Type.Integer()),
    type: Nullable(Type.Integer()),
    typeName: Nullable(Type.String()),
    primaryAddress: Nullable(Type.Integer()),
    baudRate: Nullable(Type.Integer()),
    addressingMode: Mode,
    fabricationNumber: Nullable(Type.String()),
    interfaceName: Type.String(),
    receiver: Nullable(Type.String({ description: "esecondary: its receiver; wireless: the one that hears it best" })),
    optionalReceivers: Type.Array(Type.Object({ receiver: Type.String(), rssiDbm: Nullable(Type.Number()) })),
    state: State,
    mbus: Type.Object(mbus, { description: "M-Bus settings of its own; what is left out is as on its bus" }),
    key: Type.Object(
      { kind: Type.Enum(["settings", "linked", "match", "noMatch"]), keyId: Nullable(Type.Integer()) },
      { description: "which key opens its telegrams; the key itself is never told" },
    ),
    isDeclared: Type.Boolean({ description: "named by the settings file, whose word counts again at each start" }),
    readAt: Nullable(Time),
  },
  { $id: "ListedMeter" },
);
export type ListedMeter = Static<typeof ListedMeter>;

export const ListedMeters = Type.Object(
  {
    meters: Type.Array(Type.Unsafe<ListedMeter>({ $ref: "ListedMeter#" })),
    total: Type.Integer(),
    active: Type.Integer(),
    passive: Type.Integer(),
    next: Nullable(Type.String({ description: "give it as `cursor` for the next page" })),
  },
  { $id: "ListedMeters" },
);
export type ListedMeters = Static<typeof ListedMeters>;

export const MeterChange = Type.Object(
  {
    interfaceName: Optional(Name),
    position: Optional(Type.String({ maxLength: 200 })),
    secondaryAddress: Optional(Type.String({ maxLength: 16 })),
    manufacturer: Optional(Type.String({ maxLength: 3 })),
    version: Optional(Byte),
    type: Optional(Byte),
    primaryAddress: Optional(Byte),
    baudRate: Optional(Type.Integer()),
    addressingMode: Optional(Mode),
    fabricationNumber: Optional(Type.String({ maxLength: 8 })),
    receiver: Optional(Name),
    state: Optional(State),
    mbus: Optional(Type.Object(mbus, closed)),
  },
  { $id: "MeterChange", ...closed, description: "what is left out stays; null takes a value away" },
);
export type MeterChange = Static<typeof MeterChange>;

export const MeterBulk = Type.Object(
  {
    meters: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 10_000 })),
    all: Type.Optional(
      Type.Object(
        {
          text: Type.Optional(Type.String({ maxLength: 64 })),
          state: Type.Optional(State),
          interfaceName: Type.Optional(Name),
        },
        { ...closed, description: "instead of `meters`: all that fit" },
      ),
    ),
    action: Type.Enum(["change", "remove", "reinstall"]),
    changes: Type.Optional(Type.Unsafe<MeterChange>({ $ref: "MeterChange#" })),
    keepHistory: Type.Optional(Type.Boolean()),
  },
  { $id: "MeterBulk", ...closed },
);
export type MeterBulk = Static<typeof MeterBulk>;

export const BulkAnswer = Type.Object(
  {
    done: Type.Integer(),
    refused: Type.Array(Type.Object({ meter: Type.String(), message: Type.String() })),
  },
  { $id: "BulkAnswer" },
);
export type BulkAnswer = Static<typeof BulkAnswer>;

export const ImportAnswer = Type.Object(
  {
    rows: Type.Integer(),
    added: Type.Integer(),
    changed: Type.Integer(),
    unchanged: Type.Integer(),
    bad: Type.Integer(),
    isTaken: Type.Boolean({ description: "false: nothing was changed" }),
    read: Type.String({ description: "what kind of file it was found to be" }),
    ignoredColumns: Type.Array(Type.String()),
    problems: Type.Array(Type.Object({ line: Type.Integer(), column: Nullable(Type.String()), reason: Type.String() })),
    differences: Type.Array(
      Type.Object({
        line: Type.Integer(),
        kind: Type.Enum(["added", "changed", "unchanged"]),
        subject: Type.String(),
        fields: Type.Array(Type.Object({ field: Type.String(), from: Type.String(), to: Type.String() })),
      }),
    ),
  },
  { $id: "ImportAnswer" },
);
export type ImportAnswer = Static<typeof ImportAnswer>;

export const ListedKey = Type.Object(
  {
    id: Type.Integer(),
    address: Nullable(Type.String({ description: "null: all" })),
    manufacturer: Nullable(Type.String()),
    deviceType: Nullable(Type.Integer()),
    version: Nullable(Type.Integer()),
    device: Nullable(Type.String({ description: "linked: of this meter alone" })),
    addedAt: Time,
    meterCount: Type.Integer({ description: "meters that are opened with it" }),
  },
  { $id: "ListedKey", description: "a key without its secret, which is never told" },
);
export type ListedKey = Static<typeof ListedKey>;

export const ListedKeys = Type.Object(
  {
    keys: Type.Array(Type.Unsafe<ListedKey>({ $ref: "ListedKey#" })),
    total: Type.Integer(),
    next: Nullable(Type.String()),
  },
  { $id: "ListedKeys" },
);
export type ListedKeys = Static<typeof ListedKeys>;

export const NewMeterKey = Type.Object(
  {
    key: Type.String({ maxLength: 64, description: "32 hex digits" }),
    address: Optional(Type.String({ maxLength: 8 })),
    manufacturer: Optional(Type.String({ maxLength: 3 })),
    deviceType: Optional(Byte),
    version: Optional(Byte),
    device: Optional(Type.String({ maxLength: 64, description: "links it to this meter alone" })),
  },
  { $id: "NewMeterKey", ...closed },
);
export type NewMeterKey = Static<typeof NewMeterKey>;

export const SearchStart = Type.Object(
  {
    modes: Type.Optional(
      Type.Array(Mode, { minItems: 1, maxItems: 4, uniqueItems: true, description: "in this order" }),
    ),
    interfaces: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 1000, uniqueItems: true })),
    baudRates: Type.Optional(
      Type.Array(Type.Enum([300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400]), {
        minItems: 1,
        maxItems: 8,
        uniqueItems: true,
      }),
    ),
    meterCount: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: "ends with so many" })),
    clearList: Type.Optional(Type.Boolean({ description: "takes the meters of these interfaces off the list first" })),
    firstPrimary: Type.Optional(Type.Integer({ minimum: 0, maximum: 250 })),
    lastPrimary: Type.Optional(Type.Integer({ minimum: 0, maximum: 250 })),
    isThorough: Type.Optional(
      Type.Boolean({
        description: "secondary: hex digits and both control fields everywhere; about three times as long",
      }),
    ),
    retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 20 })),
    requestIdleMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
    listenSeconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 86_400, description: "wireless: listens so long" }),
    ),
  },
  { $id: "SearchStart", ...closed },
);
export type SearchStart = Static<typeof SearchStart>;

export const SearchState = Type.Object(
  {
    isRunning: Type.Boolean(),
    startedAt: Nullable(Time),
    endedAt: Nullable(Time),
    message: Nullable(Type.String()),
    tried: Type.Integer({ description: "addresses tried" }),
    share: Type.Number({ description: "0 to 1" }),
    secondsLeft: Nullable(Type.Number()),
    cleared: Type.Integer(),
    interfaces: Type.Array(
      Type.Object({
        interfaceName: Type.String(),
        state: Type.Enum(["waiting", "searching", "reading", "done"]),
        mode: Nullable(Mode),
        baudRate: Nullable(Type.Integer()),
        tried: Type.Integer(),
        found: Type.Integer(),
        share: Type.Number(),
        message: Nullable(Type.String()),
      }),
    ),
    foundCount: Type.Integer(),
    found: Type.Array(
      Type.Object({
        interfaceName: Type.String(),
        mode: Mode,
        address: Type.String(),
        device: Nullable(Type.String()),
        result: Type.Enum(["new", "known", "refused"]),
        message: Nullable(Type.String()),
      }),
    ),
    unresolved: Type.Array(Type.String()),
  },
  { $id: "SearchState" },
);
export type SearchState = Static<typeof SearchState>;

export const meterListSchemas = [
  ListedMeter,
  ListedMeters,
  MeterChange,
  MeterBulk,
  BulkAnswer,
  ImportAnswer,
  ListedKey,
  ListedKeys,
  NewMeterKey,
  SearchStart,
  SearchState,
] as const;

export const MeterListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
    cursor: Type.Optional(Type.String({ pattern: "^\\d{1,9}$", description: "`next` of the page before" })),
    text: Type.Optional(Type.String({ maxLength: 64, description: "in name, position, address or interface" })),
    state: Type.Optional(State),
    interfaceName: Type.Optional(Name),
  },
  closed,
);
export const RemoveQuery = Type.Object(
  { keepHistory: Type.Optional(Type.Boolean({ default: false, description: "readings stay for when it comes back" })) },
  closed,
);
export const FormatQuery = Type.Object(
  { format: Type.Optional(Type.Enum(["csv", "xls", "xlsx"], { default: "csv" })) },
  closed,
);
export const ImportQuery = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean({ default: false, description: "says what would change, and changes nothing" })),
    take: Type.Optional(Type.Enum(["whole", "goodRows"], { default: "whole" })),
    interfaceName: Type.Optional(Type.String({ maxLength: 32, description: "of meters whose row names none" })),
    name: Type.Optional(Type.String({ maxLength: 128, description: "of the file, for messages" })),
  },
  closed,
);
export const KeyParams = Type.Object({ id: Type.String({ pattern: "^\\d{1,12}$" }) }, closed);
