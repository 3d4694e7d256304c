/** NAIVE_14, 15 and 17: date and time, compact data, and values of a wrong type. */
import {
  type AttributeDescriptor,
  type Data,
  dataAccessResult,
  dataAccessResultName,
  encodeData,
  toHex,
} from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, fail, type Outcome, pass } from "../case.js";
import { type ListedObject, readObjectList } from "../object-list.js";
import type { Session } from "../session/session.js";
import { Inapplicable } from "../session/verdict-errors.js";
import { dataOf, numberOf, success } from "./answers.js";
import { otherType } from "./objects.js";

const needs = { referencing: "ln" } as const;
const clockClass = 8;
const compactData = 62;
const daylightSaving = 0x80;
const unspecifiedDeviation = -0x8000;

const attributeOf = ({ classId, logicalName }: ListedObject, attributeIndex: number): AttributeDescriptor => ({
  classId,
  logicalName,
  attributeIndex,
  selectiveAccess: undefined,
});

export const naiveValueCases: readonly ConformanceCase[] = [
  {
    name: "NAIVE_14",
    about: "The clock: twelve bytes, deviation with the sign of time_zone, status as attribute 4",
    reference: "IEC 62056-6-2, date-time, and class 8",
    needs,
    async run(context) {
      const session = await context.shared();
      const clock = (await readObjectList(session)).objects.find(({ classId }) => classId === clockClass);
      if (clock === undefined) throw new Inapplicable("no clock is listed");
      const [time, zone, status, daylight] = await Promise.resolve(
        session.getList([2, 3, 4, 7].map((index) => attributeOf(clock, index))),
      ).catch(() => readOneByOne(session, clock));
      const at = time?.kind === "data" ? time.data : undefined;
      if ((at?.type !== "octet-string" && at?.type !== "date-time") || at.value.length !== 12) {
        return fail(`time is ${at?.type ?? "not given"}`);
      }
      const bytes = Buffer.from(at.value);
      const deviation = bytes.readInt16BE(9);
      const ownStatus = bytes[11] ?? 0;
      const fault = fieldFault(bytes);
      if (fault !== undefined) return fail(`time ${toHex(bytes)}: ${fault}`);
      const minutes = zone?.kind === "data" ? numberOf(zone.data) : undefined;
      const saved = ownStatus !== 0xff && (ownStatus & daylightSaving) !== 0 ? numberIn(daylight) : 0;
      if (minutes !== undefined && deviation !== unspecifiedDeviation && deviation !== minutes - saved) {
        return fail(`deviation ${deviation} in the time, time_zone ${minutes}, daylight saving ${saved}`);
      }
      const shown = status?.kind === "data" ? numberOf(status.data) : undefined;
      if (shown !== undefined && ownStatus !== 0xff && shown !== ownStatus) {
        return fail(`status ${shown}, in the time ${ownStatus}`);
      }
      return pass(`${toHex(bytes)}, time_zone ${minutes ?? "not given"}`);
    },
  },
  {
    name: "NAIVE_15",
    about: "Compact data: an octet-string of the template id and values without tags",
    reference: "IEC 62056-6-2, class 62",
    needs,
    async run(context) {
      const session = await context.shared();
      const objects = (await readObjectList(session)).objects.filter(({ classId }) => classId === compactData);
      if (objects.length === 0) throw new Inapplicable("no compact data object is listed");
      const outcomes: Outcome[] = [];
      for (const object of objects) {
        const buffer = dataOf(await session.get(attributeOf(object, 2)));
        const template = dataOf(await session.get(attributeOf(object, 4)));
        const id = typeof template === "string" ? undefined : numberOf(template);
        const isRight = typeof buffer !== "string" && buffer.type === "octet-string" && buffer.value[0] === id;
        const words = `${object.logicalName}: template ${id}`;
        outcomes.push(isRight ? pass(words) : fail(`${words}, compact_buffer does not begin with it`));
      }
      return all(outcomes);
    },
  },
  {
    name: "NAIVE_17",
    about: "A SET of a wrong type is refused with type-unmatched, and changes nothing",
    reference: "IEC 62056-5-3, 6.7; Data-Access-Result 12",
    needs,
    async run(context) {
      const session = await context.open();
      const { attribute, takesAnyType } = await findWritable(context, session);
      const before = await session.get(attribute);
      if (before.kind === "error") throw new Inapplicable(`${attribute.logicalName}: not readable`);
      const result = await session.set(attribute, otherType(before.data));
      const after = await session.get(attribute);
      if (result === success) await session.set(attribute, before.data);
      const where = `${attribute.classId}/${attribute.logicalName}/${attribute.attributeIndex}`;
      const isKept = after.kind === "data" && encoded(after.data) === encoded(otherType(before.data));
      // A Data of another type is still a Data: an object may take any, and then shows it.
      if (result === success && takesAnyType && isKept) throw new Inapplicable(`${where}: takes values of any type`);
      if (result === success) return fail(`${where}: taken`);
      if (result !== dataAccessResult.typeUnmatched) return fail(`${where}: ${dataAccessResultName(result)}`);
      const isSame = after.kind === "data" && encoded(after.data) === encoded(before.data);
      return isSame ? pass(`${where}: type-unmatched, unchanged`) : fail(`${where}: refused, and yet changed`);
    },
  },
];

const encoded = (data: Data): string => toHex(encodeData(data));

const numberIn = (result: Awaited<ReturnType<Session["get"]>> | undefined): number =>
  result?.kind === "data" ? (numberOf(result.data) ?? 0) : 0;

async function readOneByOne(session: Session, clock: ListedObject) {
  const results: Awaited<ReturnType<Session["get"]>>[] = [];
  for (const index of [2, 3, 4, 7]) results.push(await session.get(attributeOf(clock, index)));
  return results;
}

/** Of a clock's own time: no wildcard but day of week, hundredths, deviation and status. */
function fieldFault(bytes: Buffer): string | undefined {
  const [, , month = 0, day = 0, weekday = 0, hour = 0, minute = 0, second = 0, hundredths = 0] = bytes;
  if (bytes.readUInt16BE(0) === 0xffff) return "no year";
  if (month < 1 || month > 12) return `month ${month}`;
  if (day < 1 || day > 31) return `day ${day}`;
  if (weekday !== 0xff && (weekday < 1 || weekday > 7)) return `day of week ${weekday}`;
  if (hour > 23 || minute > 59 || second > 59) return "hour, minute or second";
  if (hundredths !== 0xff && hundredths > 99) return `hundredths ${hundredths}`;
  const deviation = bytes.readInt16BE(9);
  return deviation !== unspecifiedDeviation && Math.abs(deviation) > 840 ? `deviation ${deviation}` : undefined;
}

/** A declared attribute, else one whose class fixes its type. */
/** One whose type is fixed where there is one, else a declared one of a type that may be any. */
async function findWritable(context: CaseContext, session: Session) {
  let choice: AttributeDescriptor | undefined;
  const { objects } = await readObjectList(session);
  const { writable } = context.declaration;
  for (const object of objects) {
    for (const { index, canRead, canWrite } of object.attributes) {
      if (canRead !== true || canWrite !== true) continue;
      const declaration = object.definition?.attributeAt[index]?.[1];
      const isFixed = declaration !== undefined && !declaration.dynamic && !/^CHOICE/.test(declaration.type.name);
      const isDeclared =
        writable !== "all" &&
        writable.some((one) => one.logicalName === object.logicalName && one.attributeIndex === index);
      if (isFixed) return { attribute: attributeOf(object, index), takesAnyType: false };
      if (isDeclared) choice ??= attributeOf(object, index);
    }
  }
  if (choice !== undefined) return { attribute: choice, takesAnyType: true };
  throw new Inapplicable("no writable attribute whose type is known");
}
