/**
 * The one schema of obis-maps/mbus/*.yaml and of a user's maps: which record becomes which object, with examples that
 * prove it. The words of `match` are those of a decoded record (src/mbus/record.ts).
 */
import Type, { type Static } from "typebox";

const strict = { additionalProperties: false } as const;

const Byte = Type.Integer({ minimum: 0, maximum: 255 });

/** A number, or a span such as `2-99`. */
const Span = Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: "^\\d{1,13}-\\d{1,13}$" })], {
  description: "a number, or a span such as 2-99",
});

const Words = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })]);

export const recordFunctions = ["instantaneous", "maximum", "minimum", "error"] as const;

export const MatchSchema = Type.Object(
  {
    quantity: Words,
    unit: Type.Optional(Words),
    function: Type.Optional(
      Type.Union(
        recordFunctions.map((word) => Type.Literal(word)),
        { description: recordFunctions.join(", ") },
      ),
    ),
    storageNumber: Type.Optional(Span),
    tariff: Type.Optional(Span),
    subunit: Type.Optional(Span),
    modifiers: Type.Optional(
      Type.Array(Type.String(), { description: "what the VIFEs say, in any order; multipliers are not named" }),
    ),
  },
  strict,
);

const group = "(\\d{1,3}|\\{(A|storage|tariff|subunit)\\})";

export const ObjectSchema = Type.Object(
  {
    class: Type.Union([Type.Literal("Data"), Type.Literal("Register"), Type.Literal("ExtendedRegister")], {
      description: "Data, Register or ExtendedRegister",
    }),
    logicalName: Type.String({
      pattern: `^${group}-${group}:${group}\\.${group}\\.${group}\\*${group}$`,
      description: "A-B:C.D.E*F, a value group may be {A}, {storage}, {tariff} or {subunit}",
    }),
  },
  strict,
);

export const RuleSchema = Type.Object(
  { match: MatchSchema, object: ObjectSchema, note: Type.Optional(Type.String()) },
  strict,
);

/** A byte of the manufacturer's data that decides: `(byte & mask) == equals`; past the end it is never so. */
const ConditionSchema = Type.Object(
  { offset: Type.Integer({ minimum: 0 }), mask: Type.Optional(Byte), equals: Byte },
  strict,
);

const PlaceSchema = Type.Object(
  { offset: Type.Integer({ minimum: 0, maximum: 255 }), when: Type.Optional(Type.Array(ConditionSchema)) },
  strict,
);

/** One field of what a manufacturer sends behind DIF 0F; least significant byte first. */
export const FieldSchema = Type.Object(
  {
    quantity: Type.String({ minLength: 1, description: "what it is, in words; with storage and tariff its identity" }),
    places: Type.Array(PlaceSchema, { minItems: 1, description: "the first place whose conditions hold counts" }),
    length: Type.Integer({ minimum: 1, maximum: 6 }),
    type: Type.Union([Type.Literal("unsigned"), Type.Literal("signed"), Type.Literal("bcd"), Type.Literal("date")], {
      description: "date: type G, two bytes",
    }),
    bits: Type.Optional(
      Type.Object(
        { from: Type.Integer({ minimum: 0, maximum: 31 }), count: Type.Integer({ minimum: 1, maximum: 32 }) },
        { ...strict, description: "of an unsigned number, bit 0 is the lowest" },
      ),
    ),
    unit: Type.Optional(Type.String()),
    factor: Type.Optional(Type.Integer({ description: "multiplies the coded number" })),
    exponent: Type.Optional(Type.Integer({ minimum: -20, maximum: 20, description: "power of ten to the unit" })),
    values: Type.Optional(
      Type.Record(Type.String({ pattern: "^\\d+$" }), Type.Integer(), { description: "number for each coded one" }),
    ),
    missing: Type.Optional(Type.Array(Type.Integer(), { description: "coded numbers that mean: no value" })),
    storage: Type.Optional(Type.Integer({ minimum: 0 })),
    tariff: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  strict,
);

export const ExampleSchema = Type.Object(
  {
    record: Type.String({ pattern: "^[0-9A-Fa-f]{2}( ?[0-9A-Fa-f]{2})*$", description: "one record in hex" }),
    deviceType: Type.Optional(Byte),
    field: Type.Optional(
      Type.String({ description: "quantity of a field of manufacturerData; the record begins with 0F" }),
    ),
    storageNumber: Type.Optional(Type.Integer({ description: "storage of that field" })),
    expect: Type.Object(
      {
        logicalName: Type.String(),
        class: Type.Optional(Type.String()),
        value: Type.Union([Type.Number(), Type.String(), Type.Null()]),
        scaler: Type.Optional(Type.Integer({ minimum: -128, maximum: 127 })),
        unit: Type.Optional(Type.String()),
      },
      strict,
    ),
  },
  strict,
);

export const MapSchema = Type.Object(
  {
    title: Type.String({ minLength: 1, description: "which meters, in words" }),
    deviceTypes: Type.Optional(
      Type.Array(Byte, { description: "device types of EN 13757-3; none: rules for every medium" }),
    ),
    valueGroupA: Type.Optional(Byte),
    manufacturer: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$", description: "three letters" })),
    versions: Type.Optional(Type.Array(Byte)),
    manufacturerData: Type.Optional(
      Type.Array(FieldSchema, { description: "fields behind DIF 0F or 1F; only with manufacturer and versions" }),
    ),
    records: Type.Array(RuleSchema),
    examples: Type.Array(ExampleSchema),
  },
  strict,
);

export type MapFile = Static<typeof MapSchema>;
export type MapRule = Static<typeof RuleSchema>;
export type MapMatch = Static<typeof MatchSchema>;
export type MapExample = Static<typeof ExampleSchema>;

export type ManufacturerField = Static<typeof FieldSchema>;

/** One thing that is wrong with a map. */
export interface MapProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}
