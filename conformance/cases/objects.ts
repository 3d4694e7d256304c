/** Every object of every association of every logical device: read, type, range; refused where not readable; written. */
import {
  type AttributeDescriptor,
  type Data,
  DecodeError,
  dataAccessResult,
  dataAccessResultName,
  encodeData,
  toHex,
  types,
} from "../../cosem/index.js";
import { type CaseContext, type ConformanceCase, fail, type Outcome, pass } from "../case.js";
import { type ListedAttribute, type ListedObject, readObjectList } from "../object-list.js";
import { ExceptionAnswer } from "../session/services.js";
import type { Session } from "../session/session.js";
import { numberOf, success } from "./answers.js";
import { byEntry } from "./selectors.js";

const profileGeneric = 7;
/** Buffers longer than this are looked at in their first rows. */
const longestBuffer = 500;

export const objectCases: readonly ConformanceCase[] = [
  {
    name: "COSEM_OBJECT",
    about: "An object's attributes have their types, and its access rights are kept",
    reference: "IEC 62056-6-2, its class; IEC 62056-5-3, 6.6 and 6.7",
    scope: "device",
    needs: { referencing: "ln" },
    async run(context) {
      const { objects } = await readObjectList(await context.shared());
      return objects.map((object) => ({
        label: `${object.classId} ${object.logicalName}`,
        run: () => checkObject(context, object),
      }));
    },
  },
];

/** What went wrong, and how much was looked at. */
class Findings {
  readonly problems: string[] = [];
  readonly notes: string[] = [];
  read = 0;
  refused = 0;
  written = 0;

  outcome(): Outcome {
    if (this.problems.length > 0) return fail(this.problems.join("; "));
    const counts = [`${this.read} read`, `${this.refused} refused`, `${this.written} written`];
    return pass([counts.join(", "), ...this.notes].join("; "));
  }
}

async function checkObject(context: CaseContext, object: ListedObject): Promise<Outcome> {
  const session = await context.shared();
  const findings = new Findings();
  if (object.definition === undefined) {
    findings.notes.push(`class ${object.classId} version ${object.version} is not known here: types were not checked`);
  }
  const listed = new Map(object.attributes.map((attribute) => [attribute.index, attribute]));
  const declared = object.definition?.attributeAt.flatMap((entry) => (entry === undefined ? [] : [entry[1].index]));
  const indexes = [...new Set([...listed.keys(), ...(declared ?? [])])].sort((one, other) => one - other);
  for (const index of indexes) {
    const attribute = listed.get(index);
    if (attribute?.canRead === "unsure") continue;
    const target = { classId: object.classId, logicalName: object.logicalName, attributeIndex: index };
    if (attribute?.canRead !== true) await expectNotReadable(session, target, findings);
    else await checkReadable(context, session, object, attribute, findings);
  }
  return findings.outcome();
}

type Target = Pick<AttributeDescriptor, "classId" | "logicalName" | "attributeIndex">;

async function expectNotReadable(session: Session, target: Target, findings: Findings): Promise<void> {
  const result = await getOrException(session, { ...target, selectiveAccess: undefined });
  if (result === undefined || result.kind === "error") findings.refused += 1;
  else findings.problems.push(`attribute ${target.attributeIndex} is given, and its rights do not name it readable`);
}

/** Undefined: refused by exception-response. */
async function getOrException(session: Session, attribute: AttributeDescriptor) {
  try {
    return await session.get(attribute);
  } catch (error) {
    if (error instanceof ExceptionAnswer) return undefined;
    throw error;
  }
}

async function checkReadable(
  context: CaseContext,
  session: Session,
  object: ListedObject,
  attribute: ListedAttribute,
  findings: Findings,
): Promise<void> {
  const { index } = attribute;
  const target = { classId: object.classId, logicalName: object.logicalName, attributeIndex: index };
  const selectiveAccess = await narrowingOf(session, object, attribute);
  const result = await session.get({ ...target, selectiveAccess });
  if (result.kind === "error") {
    findings.problems.push(`attribute ${index} is readable, and answered ${dataAccessResultName(result.error)}`);
    return;
  }
  findings.read += 1;
  const fault = typeFault(object, index, result.data);
  if (fault !== undefined) findings.problems.push(`attribute ${index}: ${fault}`);
  if (attribute.canWrite !== true) return;
  if (isDeclaredWritable(context, object, index)) await checkWrite(session, object, target, result.data, findings);
  else findings.notes.push(`attribute ${index} is writable, and not declared to be tried`);
}

/** A long buffer is read by entry, where that is offered. */
async function narrowingOf(session: Session, object: ListedObject, attribute: ListedAttribute) {
  if (object.classId !== profileGeneric || attribute.index !== 2 || attribute.selectors?.includes(2) !== true) {
    return undefined;
  }
  const { classId, logicalName } = object;
  const inUse = await session.get({ classId, logicalName, attributeIndex: 7, selectiveAccess: undefined });
  const entries = inUse.kind === "data" ? (numberOf(inUse.data) ?? 0) : 0;
  return entries > longestBuffer ? byEntry(1, longestBuffer, 1, 0) : undefined;
}

/** In words what the class does not permit. */
function typeFault(object: ListedObject, index: number, data: Data): string | undefined {
  const declaration = object.definition?.attributeAt[index]?.[1];
  try {
    const value = declaration?.type.fromData(data);
    const isOtherName = index === 1 && declaration !== undefined && value !== object.logicalName;
    return isOtherName ? `logical name ${String(value)}` : undefined;
  } catch (error) {
    const isFault = error instanceof types.TypeUnmatched || error instanceof types.ScopeOfAccessViolated;
    if (isFault || error instanceof DecodeError || error instanceof RangeError) return error.message;
    throw error;
  }
}

function isDeclaredWritable(context: CaseContext, object: ListedObject, index: number): boolean {
  const { writable } = context.declaration;
  if (writable === "all") return true;
  return writable.some(
    (one) =>
      one.logicalDevice === context.serverSap && one.logicalName === object.logicalName && one.attributeIndex === index,
  );
}

/** A value of a type that `data` does not have. */
export function otherType(data: Data): Data {
  const isCompound = data.type === "structure" || data.type === "array" || data.type === "compact-array";
  return isCompound ? { type: "unsigned", value: 0 } : { type: "structure", value: [] };
}

async function checkWrite(
  session: Session,
  object: ListedObject,
  target: Target,
  before: Data,
  findings: Findings,
): Promise<void> {
  const attribute = { ...target, selectiveAccess: undefined };
  const { attributeIndex } = target;
  const declaration = object.definition?.attributeAt[attributeIndex]?.[1];
  const same = await session.set(attribute, before);
  if (same !== success) {
    findings.problems.push(`attribute ${attributeIndex}: its own value is refused, ${dataAccessResultName(same)}`);
    return;
  }
  findings.written += 1;
  const wrong = await session.set(attribute, otherType(before));
  const after = await session.get(attribute);
  const isUnchanged = after.kind === "data" && toHex(encodeData(after.data)) === toHex(encodeData(before));
  if (!isUnchanged && wrong === success) await session.set(attribute, before);
  const takesAny = declaration === undefined || /^CHOICE/.test(declaration.type.name);
  if (wrong === success && !takesAny)
    findings.problems.push(`attribute ${attributeIndex}: a value of another type is taken`);
  if (wrong !== success && wrong !== dataAccessResult.typeUnmatched) {
    findings.problems.push(`attribute ${attributeIndex}: another type is refused with ${dataAccessResultName(wrong)}`);
  }
  if (wrong !== success && !isUnchanged && declaration?.dynamic !== true) {
    findings.problems.push(`attribute ${attributeIndex}: a refused value changed it`);
  }
}
