/** One question and answer of `decode --json` (DESIGN, the command line). Wired telegrams; wireless ones come later. */
import { DecodeError, formatScaled, fromHex, toHex } from "../../cosem/index.js";
import { loadMaps, nameRecords } from "../mapping/index.js";
import {
  type DataRecord,
  type DecodedTelegram,
  decodeApplication,
  decodeLinkFrame,
  isCompactProfile,
  type RecordValue,
} from "../mbus/index.js";

interface Question {
  readonly id: unknown;
  readonly hex: string;
  readonly key: string | null;
  readonly wireless: boolean;
}

/** @returns the answer object; never throws for what a line holds */
export function answerDecodeLine(line: string): unknown {
  let id: unknown = null;
  try {
    const parsed = parseLine(line);
    id = parsed.id ?? null;
    const question = readQuestion(parsed);
    if (question.wireless)
      throw new DecodeError("formatUnknown", 0, "telegram", "wireless telegrams are not decoded yet");
    return { id, ok: true, ...decodeWired(fromHex(question.hex)), error: null };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {
      id,
      ok: false,
      meter: null,
      records: [],
      manufacturerData: null,
      more: false,
      layers: [],
      error: { reason: error.reason, offset: error.offset, detail: error.message },
    };
  }
}

/** @throws DecodeError `badValue` when the line is no JSON object */
function parseLine(line: string): Partial<Question> {
  let parsed: Partial<Question> | null;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new DecodeError("badValue", 0, "question", "a line of JSON is wanted");
  }
  if (typeof parsed !== "object" || parsed === null) {
    throw new DecodeError("badValue", 0, "question", "an object is wanted");
  }
  return parsed;
}

/** @throws DecodeError `badValue` when the object is no question */
function readQuestion({ hex, wireless }: Partial<Question>): Pick<Question, "hex" | "wireless"> {
  if (typeof hex !== "string") throw new DecodeError("badValue", 0, "question", '"hex" is wanted');
  return { hex, wireless: wireless === true };
}

const { maps } = loadMaps();

function decodeWired(bytes: Uint8Array) {
  const frame = decodeLinkFrame(bytes);
  if (frame.kind !== "long") {
    throw new DecodeError("unknownControlInformation", 0, "application", `a ${frame.kind} frame carries no records`);
  }
  const telegram = decodeApplication(frame.applicationData);
  const names = nameRecords(maps, telegram.meter, frame.applicationData);
  return {
    meter: telegram.meter,
    records: telegram.records.map((record, index) =>
      recordJson(record, names[index]?.logicalName ?? null, frame.applicationData),
    ),
    manufacturerData: telegram.manufacturerData === undefined ? null : toHex(telegram.manufacturerData),
    more: telegram.more,
    layers: layersOf(telegram),
  };
}

const layersOf = (telegram: DecodedTelegram) => [telegram.controlInformation.toString(16).padStart(2, "0")];

function recordJson(record: DataRecord, obis: string | null, bytes: Uint8Array) {
  const { information, value } = record;
  return {
    function: record.function,
    storage: record.storage,
    tariff: record.tariff,
    subunit: record.subunit,
    quantity: information.quantity,
    unit: information.unit,
    value: valueJson(value, record),
    obis,
    kind: isCompactProfile(record) ? "profile" : kindOf(value),
    modifiers: information.modifiers,
    recordError: information.recordError ?? null,
    drh: toHex(record.header),
    data: toHex(bytes.subarray(record.dataOffset, record.endOffset)),
  };
}

const kindNames = {
  integer: "number",
  float: "number",
  text: "string",
  bytes: "hex",
  date: "date",
  datetime: "datetime",
  time: "time",
  none: "none",
  invalid: "number",
} as const satisfies Record<RecordValue["kind"], string>;

/** What is no valid date is a date all the same. */
function kindOf(value: RecordValue): string {
  return (value.kind === "invalid" ? value.of : undefined) ?? kindNames[value.kind];
}

/** Scaled to the base unit: a number where it is exact, else its decimal text. */
function valueJson(value: RecordValue, { information }: DataRecord): unknown {
  switch (value.kind) {
    case "integer":
      return exactNumber(scaled(value.value, information));
    case "float":
      return value.value * 10 ** information.exponent;
    case "bytes":
      return toHex(value.value);
    case "none":
      return null;
    case "invalid":
      return value.coded === undefined ? null : exactNumber(scaled(value.coded, information));
    default:
      return value.value;
  }
}

function scaled(coded: number | bigint, { exponent, addend, addendExponent }: DataRecord["information"]): string {
  if (addend === 0) return formatScaled(coded, exponent);
  const common = Math.min(exponent, addendExponent);
  const shifted = (integer: number | bigint, power: number) => BigInt(integer) * 10n ** BigInt(power - common);
  return formatScaled(shifted(coded, exponent) + shifted(addend, addendExponent), common);
}

function exactNumber(text: string): number | string {
  const number = Number(text);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}
