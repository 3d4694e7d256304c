/** Questions and answers of `decode --json` (DESIGN, the command line): wired frames and wireless telegrams. */
import { DecodeError, formatScaled, fromHex, toHex } from "../../cosem/index.js";
import { loadMaps, nameRecords, readManufacturerData } from "../mapping/index.js";
import {
  AesKey,
  type DataRecord,
  type DecodedTelegram,
  decodeApplication,
  decodeLinkFrame,
  decodeWireless,
  expandProfile,
  FragmentReassembler,
  inspectWireless,
  isCompactProfile,
  type MeterHeader,
  openWired,
  type RecordValue,
  RememberedFormats,
  type WirelessResult,
} from "../mbus/index.js";

interface Question {
  readonly hex: string;
  readonly key: string | null;
  readonly wireless: boolean;
}

/** What an answer holds besides id, verdict and error. */
interface Decoded {
  readonly meter: MeterHeader | null;
  readonly records: readonly unknown[];
  readonly manufacturerData: string | null;
  readonly manufacturerFields?: readonly unknown[];
  readonly more: boolean;
  readonly layers: readonly string[];
}

const nothing: Decoded = { meter: null, records: [], manufacturerData: null, more: false, layers: [] };

/** What one run remembers: record headers for compact frames, fragments of long messages. */
interface Memory {
  readonly formats: RememberedFormats;
  readonly fragments: FragmentReassembler;
}

/**
 * A run of `decode --json`.
 * @returns gives the answer object to a line; never throws for what a line holds
 */
export function startDecodeRun(): (line: string) => unknown {
  const memory: Memory = { formats: new RememberedFormats(), fragments: new FragmentReassembler() };
  return (line) => answerLine(line, memory);
}

function answerLine(line: string, memory: Memory): unknown {
  let id: unknown = null;
  let question: Question | undefined;
  try {
    const parsed = parseLine(line);
    id = parsed.id ?? null;
    question = readQuestion(parsed);
    const bytes = fromHex(question.hex);
    const key = question.key === null ? undefined : readKey(question.key);
    const decoded = question.wireless ? decodeWirelessLine(bytes, key, memory) : decodeWired(bytes, key, memory);
    return { id, ok: true, ...decoded, link: linkOf(question), error: null };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {
      id,
      ok: false,
      ...(question?.wireless === true ? heard(question.hex) : nothing),
      link: question === undefined ? null : linkOf(question),
      error: { reason: error.reason, offset: error.offset, detail: error.message },
    };
  }
}

/** @throws DecodeError `badValue` when the line is no JSON object */
function parseLine(line: string): Partial<Question> & { readonly id?: unknown } {
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
function readQuestion({ hex, key, wireless }: Partial<Question>): Question {
  if (typeof hex !== "string") throw new DecodeError("badValue", 0, "question", '"hex" is wanted');
  return { hex, key: key ?? null, wireless: wireless === true };
}

const { maps } = loadMaps();

function decodeWired(bytes: Uint8Array, key: AesKey | undefined, { formats }: Memory): Decoded {
  const frame = decodeLinkFrame(bytes);
  if (frame.kind !== "long") {
    throw new DecodeError(
      "unknownControlInformation",
      0,
      "application",
      `a frame of kind ${frame.kind} carries no records`,
    );
  }
  const opened = openWired(frame.applicationData, { keyFor: () => key, formats });
  if (opened.kind === "format") return { ...nothing, layers: opened.layers.map(layerText) };
  const telegram = decodeApplication(opened.applicationData);
  formats.learnFrom(telegram);
  return decodedJson(telegram, opened.applicationData, opened.layers);
}

function decodeWirelessLine(bytes: Uint8Array, key: AesKey | undefined, { formats, fragments }: Memory): Decoded {
  const result = decodeWireless(bytes, { keyFor: () => key, formats, fragments });
  if (result.kind !== "telegram") return { ...nothing, meter: senderOf(result), layers: result.layers.map(layerText) };
  return decodedJson(result.telegram, result.applicationData, result.layers);
}

/** @throws DecodeError `badValue` unless there are 32 hex digits */
function readKey(key: unknown): AesKey {
  if (typeof key === "string" && /^[0-9a-fA-F]{32}$/.test(key)) return new AesKey(fromHex(key));
  throw new DecodeError("badValue", 0, "question", "a key has 32 hex digits");
}

/** Fragments and format frames of the air: who sent them is all there is to tell. */
function senderOf(result: Exclude<WirelessResult, { kind: "telegram" }>): MeterHeader {
  const { manufacturer, id, version, medium } = result.kind === "format" ? result.meter : result.link.address;
  return { manufacturer, id, version, medium, accessNumber: null, status: null };
}

/**
 * C field and address of the link layer: the A field on wires; on the air the sender's, which is a radio adapter's where
 * it differs from the meter's. Null where no such frame can be read.
 */
function linkOf({ hex, wireless }: Question) {
  try {
    if (!wireless) {
      const frame = decodeLinkFrame(fromHex(hex));
      return frame.kind === "ack" ? null : { control: layerText(frame.control), address: frame.address };
    }
    const { control, address } = inspectWireless(fromHex(hex)).link;
    const { manufacturer, id, version, medium } = address;
    return { control: layerText(control), manufacturer, id, version, medium };
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** What a refused wireless telegram says without a key. */
function heard(hex: string): Decoded {
  try {
    const { meter, accessNumber, status, layers } = inspectWireless(fromHex(hex));
    const { manufacturer, id, version, medium } = meter;
    const header = { manufacturer, id, version, medium, accessNumber, status };
    return { ...nothing, meter: header, layers: layers.map(layerText) };
  } catch (error) {
    if (error instanceof DecodeError) return nothing;
    throw error;
  }
}

const layerText = (controlInformation: number): string =>
  controlInformation.toString(16).padStart(2, "0").toUpperCase();

/** @param bytes  what the records' offsets point into */
function decodedJson(telegram: DecodedTelegram, bytes: Uint8Array, layers: readonly number[]): Decoded {
  const names = nameRecords(maps, telegram.meter, bytes);
  return {
    meter: telegram.meter,
    records: telegram.records.map((record, index) => ({
      ...recordJson(record, names[index]?.logicalName ?? null, bytes),
      // Only the counters of a fixed data structure have no header.
      ...(record.header.length === 0 && { counter: index + 1 }),
      ...profileJson(record, telegram.records),
    })),
    manufacturerData: telegram.manufacturerData === undefined ? null : toHex(telegram.manufacturerData),
    ...manufacturerFieldsJson(telegram, names.slice(telegram.records.length)),
    more: telegram.more,
    layers: layers.map(layerText),
  };
}

/** The fields that a map describes in the manufacturer's data, beside its bytes; nothing where none does. */
function manufacturerFieldsJson(
  { meter, manufacturerData: data }: DecodedTelegram,
  names: readonly ({ readonly logicalName: string } | undefined)[],
) {
  if (data === undefined) return {};
  const manufacturerFields = readManufacturerData(maps, meter, data).map((field) => ({
    storage: field.storage,
    tariff: field.tariff,
    quantity: field.information.quantity,
    unit: field.information.unit,
    value: valueJson(field.value, field),
    obis: names[field.index]?.logicalName ?? null,
    kind: kindOf(field.value),
    offset: field.offset,
    data: toHex(data.subarray(field.offset, field.offset + field.length)),
  }));
  return manufacturerFields.length === 0 ? {} : { manufacturerFields };
}

/** A bad record has no value and its error: the reason as `recordError`, with offset and words under `error`. */
function recordJson(record: DataRecord, obis: string | null, bytes: Uint8Array) {
  const { information, value, fault } = record;
  const isProfile = isCompactProfile(record);
  return {
    function: record.function,
    storage: record.storage,
    tariff: record.tariff,
    subunit: record.subunit,
    quantity: information.quantity,
    // The unit is that of the values inside, not of the bytes given here.
    unit: isProfile ? "" : information.unit,
    value: valueJson(value, record),
    obis,
    kind: isProfile ? "profile" : fault === undefined ? kindOf(value) : "none",
    modifiers: modifiersOf(information),
    recordError: fault?.reason ?? information.recordError ?? null,
    drh: toHex(record.header),
    data: toHex(bytes.subarray(record.dataOffset, record.endOffset)),
    ...doubtJson(record),
    ...(fault && { error: { reason: fault.reason, offset: fault.offset, detail: fault.words } }),
  };
}

/** What stands against a coded value, beside what was coded; nothing for most records. */
function doubtJson({ value, fault }: DataRecord) {
  if (fault !== undefined) return {};
  if (value.kind === "datetime" && value.timeInvalid) return { notValid: "time marked invalid", coded: value.value };
  if (value.kind === "datetime" && Number(value.value.slice(0, 4)) >= firstDoubtfulYear) {
    return { doubtful: "hundred-year bits: a year from 2100 on" };
  }
  return value.kind === "invalid" ? { notValid: value.reason } : {};
}

/** Type F alone can say a year past 2099; meters of today that do have their hundred-year bits wrong. */
const firstDoubtfulYear = 2100;

/** The values inside a compact profile, with their times, beside the bytes as sent; nothing for other records. */
function profileJson(record: DataRecord, records: readonly DataRecord[]) {
  const profile = expandProfile(records, record);
  if (profile === undefined) return {};
  const { information } = record;
  const entry = { ...record, information: { ...information, exponent: profile.exponent } };
  const entries = profile.entries.map(({ time, storage, value }) => ({
    time: time ?? null,
    storage: storage ?? null,
    value: valueJson(value, entry),
  }));
  return { profile: { unit: information.unit, entries } };
}

/** What the VIFEs say in words, a record error too. */
function modifiersOf({ modifiers, recordError }: DataRecord["information"]): readonly string[] {
  return recordError === undefined ? modifiers : [...modifiers, `error: ${recordError}`];
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
function valueJson(value: RecordValue, { information }: Pick<DataRecord, "information">): unknown {
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
    case "datetime":
      return value.timeInvalid ? null : value.value;
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

/** Decimal digits from the first that is not 0 to the last: a double holds any 15 of them. */
const significantDigits = (text: string) => text.replace(/^[-0.]+|\./g, "").length;

function exactNumber(text: string): number | string {
  const number = Number(text);
  const isExact = Number.isInteger(number)
    ? Number.isSafeInteger(number) && !text.includes(".")
    : significantDigits(text) <= 15;
  return isExact ? number : text;
}
