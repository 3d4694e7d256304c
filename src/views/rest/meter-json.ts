import {
  type Answer,
  type CosemObject,
  type LogicalDevice,
  type LogicalName,
  parseLogicalName,
} from "../../../cosem/index.js";
import type { MeterService, MeterSummary, ObjectDescription } from "../../services/meters/contract.js";
import { allAnswers, withAnswer } from "./answers.js";
import type { Meter, ObjectSummary, Value } from "./contract.js";
import { meterStatusText } from "./status-words.js";
import { addressOf, hasValue, type ReadingContext, readValue, type ValueWords } from "./value-json.js";
import { describeObject, describeValue, mainValues } from "./words.js";

/** Values of a meter that lists show. */
const listedValueCount = 4;

export interface MeterContext extends ReadingContext {
  readonly meters: MeterService;
}

/** A meter with its main values, all of one committed readout. */
export function meterJson(context: MeterContext, summary: MeterSummary): Answer<Meter> {
  const { times } = context;
  const { lastReadout } = summary;
  return withAnswer(mainValuesOf(context, summary), (values) => ({
    device: summary.device,
    sap: summary.sap,
    manufacturer: summary.manufacturer ?? null,
    identification: summary.identification ?? null,
    version: summary.version ?? null,
    medium: summary.medium ?? null,
    mediumName: summary.mediumName ?? null,
    position: summary.position,
    interfaceName: summary.interfaceName,
    status: meterStatus(summary),
    readingNumber: summary.readingNumber ?? null,
    readAt: times.fromMs(summary.readAtMs),
    lastReadout:
      lastReadout === undefined
        ? null
        : {
            at: times.fromMs(lastReadout.atMs),
            ok: lastReadout.ok,
            message: lastReadout.message,
            durationMs: Math.round(lastReadout.durationMs),
          },
    values: [...values],
  }));
}

/** What is wrong with the meter in words; `ok` only where a reading says so. */
function meterStatus({ readingNumber, statusByte, lastReadout }: MeterSummary): string {
  if (lastReadout?.ok === false) return lastReadout.message;
  if (readingNumber === undefined) return "not read yet";
  return meterStatusText(statusByte ?? 0);
}

function mainValuesOf(context: MeterContext, summary: MeterSummary): Answer<readonly Value[]> {
  const device = context.registry.device(summary.device);
  const descriptions = context.meters.describe(context.principal, summary.device);
  if (device === undefined || descriptions === undefined || summary.readAtMs === undefined) return [];
  const values = allAnswers(
    indexed(descriptions).main.flatMap((description) => {
      const name = parseLogicalName(description.logicalName);
      const object = findVisible(context, device, name, description.classId);
      if (object === undefined || !hasValue(object)) return [];
      return [readValue(context, device, object, wordsOf(description, summary.readAtMs))];
    }),
  );
  return withAnswer(values, (read) => read.filter(({ value }) => typeof value !== "string" || value.trim() !== ""));
}

/** The object, if this caller may see it. */
export function findVisible(
  context: ReadingContext,
  device: LogicalDevice,
  logicalName: LogicalName | undefined,
  classId: number | undefined,
): CosemObject | undefined {
  if (logicalName === undefined) return undefined;
  const object = device.find(logicalName, classId);
  return object !== undefined && context.principal.association.isVisible(device, object) ? object : undefined;
}

function wordsOf(description: ObjectDescription, readAtMs: number | undefined): ValueWords {
  const { unit, unmapped } = description;
  return { description: describeValue(description), unit, unmapped, readAtMs };
}

interface IndexedWords {
  readonly main: readonly ObjectDescription[];
  readonly byKey: ReadonlyMap<string, ObjectDescription>;
}

/** By the list of descriptions, which all meters of a kind share: words, never values. */
const index = new WeakMap<readonly ObjectDescription[], IndexedWords>();

function indexed(descriptions: readonly ObjectDescription[]): IndexedWords {
  const known = index.get(descriptions);
  if (known !== undefined) return known;
  const words: IndexedWords = {
    main: mainValues(descriptions, listedValueCount),
    byKey: new Map(descriptions.map((entry) => [`${entry.classId}:${entry.logicalName}`, entry])),
  };
  index.set(descriptions, words);
  return words;
}

/** Words of all objects of one device, asked of MeterService once. */
export interface DeviceWords {
  of(object: CosemObject): ValueWords;
}

export function deviceWords(context: MeterContext, device: LogicalDevice): DeviceWords {
  const isMeter = device.kind === "meter";
  const descriptions = isMeter ? context.meters.describe(context.principal, device.name) : undefined;
  const readAtMs = isMeter ? context.meters.get(context.principal, device.name)?.readAtMs : undefined;
  const byKey = descriptions === undefined ? undefined : indexed(descriptions).byKey;
  return {
    of({ interfaceClass, logicalName }) {
      const description = byKey?.get(`${interfaceClass.classId}:${logicalName}`);
      if (description !== undefined) return wordsOf(description, readAtMs);
      return { description: describeObject(logicalName, interfaceClass.name), unit: "", unmapped: false, readAtMs };
    },
  };
}

/** An object with its newest value, where its class has one. */
export function objectSummary(
  context: MeterContext,
  device: LogicalDevice,
  object: CosemObject,
  words: ValueWords,
): Answer<ObjectSummary> {
  const { interfaceClass, logicalName } = object;
  const value = hasValue(object) ? readValue(context, device, object, words) : null;
  return withAnswer(value, (read) => ({
    address: addressOf(device, object),
    classId: interfaceClass.classId,
    className: interfaceClass.name,
    version: interfaceClass.version,
    logicalName,
    description: words.description,
    value: read,
  }));
}
