/** Readouts, buses, continuous mode, the clock's state and commands to meters over REST; null where there is nothing. */
import Type, { type Static, type TSchema } from "typebox";

const closed = { additionalProperties: false } as const;
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: "date-time", description: "ISO 8601 with zone" });
const Name = Type.String({ minLength: 1, maxLength: 64 });

export const ManualReadout = Type.Object(
  {
    device: Type.String(),
    ok: Type.Boolean(),
    message: Type.String(),
    readingNumber: Nullable(Type.Integer()),
    readAt: Nullable(Time),
  },
  { $id: "ManualReadout", description: "how reading one meter ended; its newest reading stays when it failed" },
);
export type ManualReadout = Static<typeof ManualReadout>;

export const ReadoutCycle = Type.Object(
  {
    running: Type.Boolean(),
    startedAt: Nullable(Time),
    lateCycles: Type.Integer({ description: "cycles since the start that outlasted their period" }),
    last: Nullable(
      Type.Object({
        startedAt: Time,
        durationMs: Type.Number(),
        read: Type.Integer(),
        failed: Type.Integer(),
        skipped: Type.Integer(),
        wasLate: Type.Boolean({ description: "it lasted beyond the moment at which the next one was due" }),
      }),
    ),
  },
  { $id: "ReadoutCycle" },
);
export type ReadoutCycle = Static<typeof ReadoutCycle>;

export const ReadoutEntry = Type.Object(
  {
    id: Type.Integer(),
    device: Type.String(),
    origin: Type.Enum(["cycle", "manual", "telegram"]),
    createdAt: Time,
    ok: Type.Boolean(),
    reason: Nullable(Type.String()),
    message: Type.String(),
    telegramCount: Type.Integer(),
    durationMs: Type.Number(),
    retries: Type.Integer({ description: "requests that had to be sent again" }),
    responseMs: Nullable(Type.Number({ description: "until the meter began to answer" })),
    signalDbm: Nullable(Type.Number()),
  },
  { $id: "ReadoutEntry" },
);
export type ReadoutEntry = Static<typeof ReadoutEntry>;

export const ReadoutEntries = Type.Object(
  {
    readouts: Type.Array(Type.Unsafe<ReadoutEntry>({ $ref: "ReadoutEntry#" }), { description: "newest first" }),
    next: Nullable(Type.String({ description: "give it as `cursor` for the next page" })),
  },
  { $id: "ReadoutEntries" },
);
export type ReadoutEntries = Static<typeof ReadoutEntries>;

export const MeterStatistics = Type.Object(
  {
    device: Type.String(),
    attempts: Type.Integer(),
    good: Type.Integer(),
    successRate: Type.Number({ description: "0 to 1" }),
    retries: Type.Integer(),
    meanResponseMs: Nullable(Type.Number()),
    maxResponseMs: Nullable(Type.Number()),
    firstAt: Time,
    lastAt: Time,
    lastGoodAt: Nullable(Time),
  },
  { $id: "MeterStatistics" },
);
export type MeterStatistics = Static<typeof MeterStatistics>;

export const Buses = Type.Object(
  {
    buses: Type.Array(
      Type.Object({
        bus: Type.String(),
        open: Type.Boolean({ description: "the line or connection is open" }),
        holder: Nullable(Type.String({ description: "who has the bus now" })),
        heldSince: Nullable(Time),
        endsAt: Nullable(Time),
        waiting: Type.Array(Type.Object({ holder: Type.String(), priority: Type.Integer() }), {
          description: "in the order in which they will be served",
        }),
      }),
    ),
  },
  { $id: "Buses" },
);
export type Buses = Static<typeof Buses>;

export const Continuous = Type.Object(
  {
    on: Type.Boolean(),
    read: Type.Integer({ description: "meters read since it was switched on" }),
    failed: Type.Integer(),
    rounds: Type.Integer(),
  },
  { $id: "Continuous", description: "continuous mode: in memory alone, until the next start" },
);
export type Continuous = Static<typeof Continuous>;

export const ClockState = Type.Object(
  {
    good: Type.Boolean({ description: "the clock is known to be right" }),
    source: Nullable(Type.String({ description: "who said so" })),
    pendingReadings: Type.Integer({ description: "readings that will be put right once it is" }),
  },
  { $id: "ClockState" },
);
export type ClockState = Static<typeof ClockState>;

export const SentAnswer = Type.Object(
  {
    ok: Type.Boolean(),
    message: Type.String(),
    reason: Nullable(Type.String()),
    durationMs: Type.Number(),
    telegrams: Type.Array(
      Type.Object({
        hex: Type.String({ description: "from the CI field on" }),
        fields: Type.Array(Type.Unsafe<SentField>({ $ref: "TelegramField#" })),
        opened: Nullable(
          Type.Object({
            hex: Type.String({ description: "what it is opened, where it is encrypted or compact" }),
            fields: Type.Array(Type.Unsafe<SentField>({ $ref: "TelegramField#" })),
          }),
        ),
      }),
    ),
  },
  { $id: "SentAnswer", description: "what the meter answered, each byte explained" },
);
export type SentAnswer = Static<typeof SentAnswer>;

/** As TelegramField of the contract. */
export interface SentField {
  depth: number;
  offset: number;
  length: number;
  hex: string;
  name: string;
  meaning: string;
  value: string | null;
}

const commandKinds = [
  "initialise",
  "requestUserData1",
  "requestUserData2",
  "sendUserData",
  "setPrimaryAddress",
  "setBaudRate",
  "setClock",
  "applicationReset",
] as const;

export const SendBody = Type.Object(
  {
    device: Type.Optional(Name),
    interfaceName: Type.Optional(Name),
    primaryAddress: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    secondaryAddress: Type.Optional(Type.String({ pattern: "^([0-9A-Fa-f]{8}|[0-9A-Fa-f]{16})$" })),
    command: Type.Enum([...commandKinds]),
    hex: Type.Optional(Type.String({ maxLength: 1024, description: "sendUserData: from the CI field on" })),
    thenRequest: Type.Optional(Type.Boolean({ description: "sendUserData: ask for the meter's data after it" })),
    address: Type.Optional(Type.Integer({ minimum: 0, maximum: 250, description: "setPrimaryAddress" })),
    baudRate: Type.Optional(Type.Integer({ description: "setBaudRate" })),
    at: Type.Optional(Type.String({ maxLength: 40, description: "setClock: ISO 8601 with zone; default: now" })),
    subcode: Type.Optional(Type.Integer({ minimum: 0, maximum: 255, description: "applicationReset" })),
  },
  { $id: "SendBody", ...closed, description: "to a device, or to an address on an interface" },
);
export type SendBody = Static<typeof SendBody>;

export const ContinuousBody = Type.Object({ on: Type.Boolean() }, { $id: "ContinuousBody", ...closed });

export const ReadoutsQuery = Type.Object(
  {
    device: Type.Optional(Name),
    failed: Type.Optional(Type.Boolean({ description: "failed ones alone" })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ pattern: "^\\d{1,15}$", description: "`next` of the page before" })),
  },
  closed,
);

export const readoutSchemas = [
  ManualReadout,
  ReadoutCycle,
  ReadoutEntry,
  ReadoutEntries,
  MeterStatistics,
  Buses,
  Continuous,
  ClockState,
  SentAnswer,
  SendBody,
  ContinuousBody,
] as const;
