/** Runs the examples that a map carries: each must come out as it says, and each rule must have one. */
import { cosemDateTimeFromBytes, type Data, unitSymbol } from "../../cosem/index.js";
import { type MeterHeader, packPayload } from "../mbus/index.js";
import type { LoadedMap } from "./load-maps.js";
import type { MapExample, MapProblem } from "./map-schema.js";
import { matchRecord } from "./match-record.js";
import { nameObject } from "./object-naming.js";
import { conversionTo, convertValue, isNumericType, servedTypeOf } from "./served-value.js";
import { compileShape, type ShapeSlot } from "./shape.js";

const classNames = { 1: "Data", 3: "Register", 4: "ExtendedRegister" } as const;

/**
 * Problems of one map's examples.
 * @param maps  all maps in order of precedence: another map's rule that goes first is a problem of the example
 */
export function checkExamples(map: LoadedMap, maps: readonly LoadedMap[]): readonly MapProblem[] {
  const problems: MapProblem[] = [];
  const proven = new Set<number>();
  map.map.examples.forEach((example, index) => {
    const line = map.exampleLines[index] ?? 1;
    const result = runExample(map, maps, example);
    if (result.ruleIndex !== undefined) proven.add(result.ruleIndex);
    for (const message of result.messages) problems.push({ file: map.file, line, message });
  });
  map.map.records.forEach((rule, index) => {
    if (proven.has(index)) return;
    const message = `rule for ${String(rule.match.quantity)} ${rule.object.logicalName} has no example`;
    problems.push({ file: map.file, line: map.ruleLines[index] ?? 1, message });
  });
  return problems;
}

interface ExampleResult {
  /** The rule of this map that the example's record found. */
  readonly ruleIndex: number | undefined;
  readonly messages: readonly string[];
}

function runExample(map: LoadedMap, maps: readonly LoadedMap[], example: MapExample): ExampleResult {
  const meter = meterOf(map, example);
  const telegram = Uint8Array.from([0x78, ...Buffer.from(example.record.replaceAll(" ", ""), "hex")]);
  const payload = packPayload([telegram]);
  let shape: ReturnType<typeof compileShape>;
  try {
    shape = compileShape(payload, map.map.manufacturerData);
  } catch (error) {
    return { ruleIndex: undefined, messages: [`the record cannot be decoded: ${(error as Error).message}`] };
  }
  const wanted = shape.slots.findIndex((slot) => isWanted(slot, example));
  const slot = shape.slots[wanted];
  if (slot === undefined || (example.field === undefined && shape.slots.length !== 1))
    return { ruleIndex: undefined, messages: ["wants one record"] };
  const match = matchRecord(maps, meter, slot);
  const type = servedTypeOf(slot);
  const name = nameObject(maps, meter, slot, type.dataType, new Set());
  const conversion = conversionTo(type, slot);
  const value = conversion === undefined ? undefined : convertValue(shape.read(payload, wanted), conversion);
  const { expect } = example;
  const isNumber = isNumericType(type.dataType);
  const messages = [
    ...differs("logicalName", expect.logicalName, name.logicalName),
    ...differs("class", expect.class ?? "ExtendedRegister", classNames[name.classId]),
    ...differs("value", expect.value, value === undefined ? undefined : plainValue(value)),
    ...(isNumber || expect.scaler !== undefined ? differs("scaler", expect.scaler, type.scaler) : []),
    ...(isNumber || expect.unit !== undefined ? differs("unit", expect.unit, unitSymbol(type.unit)) : []),
  ];
  return { ruleIndex: match?.map === map ? match.ruleIndex : undefined, messages };
}

function isWanted({ information, storage }: ShapeSlot, { field, storageNumber = 0 }: MapExample): boolean {
  return field === undefined || (information.quantity === field && storage === storageNumber);
}

function meterOf({ map }: LoadedMap, example: MapExample): MeterHeader {
  return {
    manufacturer: map.manufacturer ?? null,
    id: null,
    version: map.versions?.[0] ?? null,
    medium: example.deviceType ?? map.deviceTypes?.[0] ?? null,
    accessNumber: null,
    status: null,
  };
}

function differs(field: string, wanted: unknown, got: unknown): readonly string[] {
  return wanted === got ? [] : [`${field}: ${String(wanted)} expected, got ${String(got)}`];
}

/** A value as maps write it: number, text, date-time as ISO 8601 (its date alone where there is no time), null. */
function plainValue(data: Data): unknown {
  switch (data.type) {
    case "null-data":
      return null;
    case "date-time": {
      const text = cosemDateTimeFromBytes(data.value).toString();
      return text.endsWith("T**:**:**") ? text.slice(0, 10) : text;
    }
    case "long64":
    case "long64-unsigned":
      return Number(data.value);
    case "octet-string":
      return Buffer.from(data.value).toString("hex");
    default:
      return "value" in data ? data.value : undefined;
  }
}
