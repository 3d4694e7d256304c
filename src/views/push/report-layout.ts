/**
 * The columns of a report as declared in obis-maps/reports/: fixed columns with what they show, and how the header of a
 * value column is put together. Examples prove a layout line by line.
 */
import Type, { type Static } from "typebox";
import { type CheckedYaml, readCheckedYaml } from "../../settings/checked-yaml.js";

/** What a fixed column can show of a reading. */
export const columnFacts = [
  "gatewaySerial",
  "position",
  "primaryAddress",
  "identification",
  "readAt",
  "telegramNumber",
  "manufacturer",
  "version",
  "mediumName",
  "accessNumber",
  "statusByte",
  "signature",
  "quality",
] as const;
export type ColumnFact = (typeof columnFacts)[number];

/** The parts of a value column's header. */
export const headerParts = ["description", "unit", "function", "tariff", "subunit", "storage"] as const;

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1 });
const Meter = Type.Object(
  {
    position: Type.String(),
    primaryAddress: Type.Optional(Type.Integer()),
    identification: Type.String(),
    manufacturer: Type.String(),
    version: Type.Integer(),
    mediumName: Type.String(),
  },
  closed,
);
const ValueColumn = Type.Object(
  {
    quantity: Type.String(),
    unit: Type.String(),
    function: Type.Enum(["inst", "max", "min", "error"]),
    storage: Type.Integer(),
    tariff: Type.Integer(),
    subunit: Type.Integer(),
    modifiers: Type.Optional(Type.Array(Type.String())),
    manufacturerSpecific: Type.Optional(Type.Boolean()),
  },
  closed,
);
const Reading = Type.Object(
  {
    readAt: Type.String({ description: "ISO 8601" }),
    accessNumber: Type.Integer(),
    statusByte: Type.Integer(),
    signature: Type.Integer(),
    quality: Type.Optional(Type.Integer({ description: "bits as in docs/readouts.md; 0 unless given" })),
    cells: Type.Array(Type.Union([Type.String(), Type.Null()])),
  },
  closed,
);

const ReportLayoutSchema = Type.Object(
  {
    title: Type.String(),
    reportType: Type.Enum(["valuereport"]),
    /** The number in the file name, by kind of receiver: 2xxx FTP, 3xxx HTTP. */
    templates: Type.Object({ http: Type.Integer(), ftp: Type.Integer() }, closed),
    columns: Type.Array(
      Type.Object(
        {
          header: Text,
          show: Type.Enum(columnFacts),
          /** Leading zeros up to so many digits. */
          digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
          /** What stands where the gateway does not know it; nothing unless given. */
          absent: Type.Optional(Type.String()),
        },
        closed,
      ),
      { minItems: 1 },
    ),
    values: Type.Object(
      {
        header: Type.Array(Type.Enum(headerParts), { minItems: 1 }),
        separator: Text,
        functions: Type.Object({ inst: Text, max: Text, min: Text, error: Text }, closed),
      },
      closed,
    ),
    examples: Type.Array(
      Type.Object(
        {
          gatewaySerial: Type.String(),
          timeZone: Type.String(),
          meter: Meter,
          values: Type.Array(ValueColumn),
          reading: Reading,
          lines: Type.Array(Type.String()),
        },
        closed,
      ),
      { minItems: 1 },
    ),
  },
  closed,
);

/** One file of obis-maps/reports/. */
export type ReportLayout = Static<typeof ReportLayoutSchema>;
export type LayoutExample = ReportLayout["examples"][number];

/**
 * Reads a layout and checks its shape, not its examples.
 * @throws YamlError naming each problem with its line
 */
export function parseReportLayout(yamlText: string, fileName: string): CheckedYaml<ReportLayout> {
  return readCheckedYaml(ReportLayoutSchema, yamlText, fileName);
}
