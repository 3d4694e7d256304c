/** The one place where a measured value becomes JSON: scaled in decimal, with unit symbol, time and status. */
import {
  type Answer,
  type CosemObject,
  cosemDateTimeFromBytes,
  type Data,
  formatAddress,
  formatScaled,
  type LogicalDevice,
  nullData,
  type Principal,
  type ReadResult,
  type Refused,
  type Registry,
  types,
  unitSymbol,
} from "../../../cosem/index.js";
import { allAnswers, withAnswer } from "./answers.js";
import type { Value } from "./contract.js";
import { exactNumber, float32Text, plainDecimal, shiftDecimal } from "./decimal.js";
import { wordsFor } from "./errors.js";
import { octetsText } from "./octets-text.js";
import { registerStatusText } from "./status-words.js";
import { meterTimeText, type Times } from "./times.js";

type Scalar = Value["value"];

/** Interface classes whose attribute 2 is one value (IEC 62056-6-2). */
export const classIds = { data: 1, register: 3, extendedRegister: 4, profileGeneric: 7, clock: 8 } as const;
const valueClasses: ReadonlySet<number> = new Set([
  classIds.data,
  classIds.register,
  classIds.extendedRegister,
  classIds.clock,
]);
const scaledClasses: ReadonlySet<number> = new Set([classIds.register, classIds.extendedRegister]);

/** Who reads what, and how its times are written. */
export interface ReadingContext {
  readonly registry: Registry;
  readonly principal: Principal;
  readonly times: Times;
}

/** What the value means, and when it was read where the object itself does not say. */
export interface ValueWords {
  readonly description: string;
  /** Unit of the record, for values whose unit COSEM has no code for. */
  readonly unit: string;
  readonly unmapped: boolean;
  readonly readAtMs: number | undefined;
}

/** Whether readValue() gives something for this object. */
export function hasValue(object: CosemObject): boolean {
  return valueClasses.has(object.interfaceClass.classId);
}

/** The address that leads back to this object: with its class where another one answers to the bare OBIS code. */
export function addressOf(device: LogicalDevice, object: CosemObject, attributeIndex?: number): string {
  const { logicalName, interfaceClass } = object;
  const isBare = device.find(logicalName, undefined)?.interfaceClass.classId === interfaceClass.classId;
  return formatAddress({
    device: device.name,
    logicalName,
    ...(isBare ? {} : { classId: interfaceClass.classId }),
    ...(attributeIndex === undefined ? {} : { attributeIndex }),
  });
}

/** Reads one attribute of an object; arrays that are streamed come as they are. */
export function readAttribute(
  context: ReadingContext,
  device: LogicalDevice,
  object: CosemObject,
  attributeIndex: number,
): Answer<ReadResult> {
  const { logicalName, interfaceClass } = object;
  const target = { device, logicalName, classId: interfaceClass.classId, attributeIndex };
  return context.registry.read(target, context.principal);
}

/** Value, scaler and unit, status and time of a Data, Register, Extended register or Clock object. */
export function readValue(
  context: ReadingContext,
  device: LogicalDevice,
  object: CosemObject,
  words: ValueWords,
): Answer<Value> {
  const { classId } = object.interfaceClass;
  const simple = (attributeIndex: number) => simpleData(readAttribute(context, device, object, attributeIndex));
  const absent = undefined;
  const isExtended = classId === classIds.extendedRegister;
  const answers: readonly Answer<Data | Refused | undefined>[] = [
    simple(2),
    scaledClasses.has(classId) ? simple(3) : absent,
    isExtended ? simple(4) : absent,
    isExtended ? simple(5) : absent,
  ];
  return withAnswer(allAnswers(answers), ([value = nullData, scaled, status, captureTime]) => {
    const { scaler, unit } = scalerUnitOf(scaled, words.unit);
    const clockText = classId === classIds.clock ? timeOf(value, context.times) : null;
    const shown = "ok" in value ? undefined : shownValue(value, scaler);
    return {
      address: addressOf(device, object, 2),
      description: words.description,
      value: clockText ?? shown?.value ?? null,
      unit,
      scaler,
      raw: shown?.raw ?? null,
      time: timeOf(captureTime, context.times) ?? context.times.fromMs(words.readAtMs),
      status: statusOf(value, shown?.value ?? null, status),
      unmapped: words.unmapped,
    };
  });
}

function simpleData(answer: Answer<ReadResult>): Answer<Data | Refused> {
  return withAnswer(answer, (result) => {
    if (!result.ok) return result;
    if (result.value.type !== "array-stream") return result.value;
    result.value.close();
    return { ok: false, refusal: "typeUnmatched" };
  });
}

/** Symbols that name no unit: count, other. */
const unnamedUnits: ReadonlySet<string> = new Set(["", "other"]);

/**
 * Scaler 0 without unit where there is none (text, a class without scaler_unit).
 * @param recordUnit  what the record itself says, for units without a code of COSEM
 */
export function scalerUnitOf(data: Data | Refused | undefined, recordUnit = ""): { scaler: number; unit: string } {
  if (data === undefined || "ok" in data || data.type !== "structure") return { scaler: 0, unit: "" };
  const { scaler, unit } = types.scalUnitType.fromData(data);
  const symbol = unitSymbol(unit);
  return { scaler, unit: unnamedUnits.has(symbol) ? recordUnit : symbol };
}

/** `value` scaled, `raw` as sent; both null where there is no number or text to show. */
export function shownValue(data: Data, scaler: number): { readonly value: Scalar; readonly raw: Scalar } {
  const raw = rawScalar(data);
  const text = decimalText(data, scaler);
  return { value: text === undefined ? raw : exactNumber(text), raw };
}

/** Exact decimal text of a numeric value; undefined for other data and for floats that are no number. */
function decimalText(data: Data, scaler: number): string | undefined {
  switch (data.type) {
    case "float32":
      return Number.isFinite(data.value) ? shiftDecimal(float32Text(data.value), scaler) : undefined;
    case "float64":
      return Number.isFinite(data.value) ? shiftDecimal(plainDecimal(String(data.value)), scaler) : undefined;
    case "long64":
    case "long64-unsigned":
      return formatScaled(data.value, scaler);
    default:
      return "value" in data && typeof data.value === "number" ? formatScaled(data.value, scaler) : undefined;
  }
}

function rawScalar(data: Data): Scalar {
  switch (data.type) {
    case "octet-string":
      return octetsText(data.value);
    case "date-time":
      return meterTimeText(cosemDateTimeFromBytes(data.value));
    case "float32":
      return Number.isFinite(data.value) ? Number(float32Text(data.value)) : null;
    case "float64":
      return Number.isFinite(data.value) ? data.value : null;
    default: {
      const json = types.dataToJson(data);
      if (json === null || typeof json === "number" || typeof json === "string") return json;
      return JSON.stringify(json);
    }
  }
}

function timeOf(data: Data | Refused | undefined, times: Times): string | null {
  if (data === undefined || "ok" in data) return null;
  if ((data.type !== "octet-string" && data.type !== "date-time") || data.value.length !== 12) return null;
  return times.fromCosem(cosemDateTimeFromBytes(data.value));
}

function statusOf(value: Data | Refused, shown: Scalar, status: Data | Refused | undefined): string {
  if ("ok" in value) return wordsFor[value.refusal];
  const own = status === undefined || "ok" in status ? "ok" : registerStatusText(status);
  if (own !== "ok") return own;
  if (value.type === "null-data") return "not in the newest reading";
  return shown === null ? "not a number" : "ok";
}
