/** The object list of an association, read whatever its version is. */
import {
  classById,
  type Data,
  dataAccessResultName,
  type InterfaceClass,
  type LogicalName,
  logicalNameFromBytes,
  protectionBit,
} from "../cosem/index.js";
import { currentAssociation, memberOf, numberOf } from "./cases/answers.js";
import type { Session } from "./session/session.js";
import { Misbehaviour } from "./session/verdict-errors.js";

/** What a client may do with an attribute under the protection of its association; `unsure`: rights ask for more. */
export interface ListedAttribute {
  readonly index: number;
  readonly mode: number;
  readonly canRead: boolean | "unsure";
  readonly canWrite: boolean | "unsure";
  /** Undefined: none are listed. */
  readonly selectors: readonly number[] | undefined;
}

export interface ListedMethod {
  readonly index: number;
  readonly mode: number;
}

export interface ListedObject {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: LogicalName;
  readonly attributes: readonly ListedAttribute[];
  readonly methods: readonly ListedMethod[];
  /** Undefined: this harness does not know the class in that version. */
  readonly definition: InterfaceClass | undefined;
}

export interface ObjectList {
  /** Of the association object: it says how access modes are coded. */
  readonly associationVersion: number;
  readonly objects: readonly ListedObject[];
}

const associationClass = 15;

/** @throws Misbehaviour where it is refused, or not of the form that class 15 has */
export async function readObjectList(session: Session): Promise<ObjectList> {
  const result = await session.get(currentAssociation(2));
  if (result.kind === "error") throw new Misbehaviour(`object_list: ${dataAccessResultName(result.error)}`);
  if (result.data.type !== "array") throw new Misbehaviour(`object_list is ${result.data.type}, not array`);
  const elements = result.data.value;
  const own = elements.find((element) => numberOf(memberOf(element, 0)) === associationClass);
  const associationVersion = own === undefined ? 1 : (numberOf(memberOf(own, 1)) ?? 1);
  const protection = session.protection?.security.protection ?? 0;
  return {
    associationVersion,
    objects: elements.map((element) => readElement(element, associationVersion, protection)),
  };
}

function readElement(element: Data, associationVersion: number, protection: number): ListedObject {
  const classId = numberOf(memberOf(element, 0));
  const version = numberOf(memberOf(element, 1));
  const name = memberOf(element, 2);
  const rights = memberOf(element, 3);
  const hasForm = element.type === "structure" && element.value.length === 4 && rights.type === "structure";
  if (!hasForm || classId === undefined || version === undefined || name.type !== "octet-string") {
    throw new Misbehaviour("an element of object_list is not { class_id, version, logical_name, access_rights }");
  }
  return {
    classId,
    version,
    logicalName: logicalNameFromBytes(name.value),
    attributes: elementsOf(memberOf(rights, 0)).map((item) => readAttribute(item, associationVersion, protection)),
    methods: elementsOf(memberOf(rights, 1)).map(readMethod),
    definition: classById(classId, version),
  };
}

function elementsOf(data: Data): readonly Data[] {
  if (data.type !== "array") throw new Misbehaviour(`${data.type} in access_rights where an array is due`);
  return data.value;
}

function readAttribute(item: Data, associationVersion: number, protection: number): ListedAttribute {
  const index = numberOf(memberOf(item, 0));
  const mode = numberOf(memberOf(item, 1));
  if (index === undefined || mode === undefined) throw new Misbehaviour("an attribute_access_item without id or mode");
  const selectors = memberOf(item, 2);
  return {
    index,
    mode,
    ...(associationVersion >= 3 ? bitRights(mode, protection) : codedRights(mode, protection)),
    selectors: selectors.type === "array" ? selectors.value.map((one) => numberOf(one) ?? 0) : undefined,
  };
}

/** Versions 0 to 2: 1 read, 2 write, 3 both, 4 to 6 the same with authenticated messages. */
function codedRights(mode: number, protection: number) {
  const isAuthenticated = mode >= 4;
  const plain = isAuthenticated ? mode - 3 : mode;
  const granted = isAuthenticated && (protection & protectionBit.authenticated) === 0 ? ("unsure" as const) : true;
  return { canRead: (plain & 1) !== 0 && granted, canWrite: (plain & 2) !== 0 && granted };
}

/** Version 3: bit 0 read, bit 1 write, bits 2 to 4 what the request must have. */
function bitRights(mode: number, protection: number) {
  const asked = mode & (protectionBit.authenticated | protectionBit.encrypted | protectionBit.signed);
  const granted = (asked & protection) === asked ? true : ("unsure" as const);
  return { canRead: (mode & 1) !== 0 && granted, canWrite: (mode & 2) !== 0 && granted };
}

function readMethod(item: Data): ListedMethod {
  const index = numberOf(memberOf(item, 0));
  const mode = memberOf(item, 1);
  const code = mode.type === "boolean" ? Number(mode.value) : numberOf(mode);
  if (index === undefined || code === undefined) throw new Misbehaviour("a method_access_item without id or mode");
  return { index, mode: code };
}
