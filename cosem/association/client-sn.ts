/**
 * Objects by class and logical name over an association with short names: what the standard calls the client's
 * SN_MAPPER. It reads the object list once and turns GET, SET and ACTION into READ and WRITE.
 */
import type { ActionResponseData } from "../apdu/action.js";
import type { AttributeDescriptor, MethodDescriptor } from "../apdu/descriptor.js";
import type { GetDataResult } from "../apdu/get.js";
import { dataAccessResult, dataAccessResultName } from "../apdu/results.js";
import type { VariableReference } from "../apdu/variable-access.js";
import { type Data, nullData } from "../codec/data.js";
import type { InterfaceClass } from "../model/interface-class.js";
import { shortNameLayout } from "../model/short-name-layout.js";
import { array, logicalNameType, long, longUnsigned, structure, unsigned, type ValueOf } from "../model/types.js";

const objectList = array(
  structure({ baseName: long, classId: longUnsigned, version: unsigned, logicalName: logicalNameType }),
);

/** An object as Association SN lists it; its base name has a sign there. */
export type ShortNameListElement = ValueOf<typeof objectList>[number];

/** An association that is open, with short names. */
export interface ShortNameRequests {
  read(variables: readonly VariableReference[]): Promise<readonly GetDataResult[]>;
  /** @returns codes of Data-Access-Result */
  write(variables: readonly VariableReference[], values: readonly Data[]): Promise<readonly number[]>;
}

/** How many attributes there are, and where methods lie; undefined: the methods of that class are not known. */
export type ClassLookup = (classId: number, version: number) => InterfaceClass | undefined;

export interface ShortNameClient {
  get(attribute: AttributeDescriptor): Promise<GetDataResult>;
  getList(attributes: readonly AttributeDescriptor[]): Promise<readonly GetDataResult[]>;
  set(attribute: AttributeDescriptor, value: Data): Promise<number>;
  setList(attributes: readonly AttributeDescriptor[], values: readonly Data[]): Promise<readonly number[]>;
  invoke(method: MethodDescriptor, parameters?: Data): Promise<ActionResponseData>;
  /** One after the other. */
  invokeList(
    methods: readonly MethodDescriptor[],
    parameters: readonly (Data | undefined)[],
  ): Promise<readonly ActionResponseData[]>;
  /** The object list, read at the first call. @throws ObjectListRefused */
  objects(): Promise<readonly ShortNameListElement[]>;
}

/** The object list at FA08 cannot be read: no name is known then. */
export class ObjectListRefused extends Error {
  readonly error: number;
  constructor(error: number) {
    super(`the object list cannot be read: ${dataAccessResultName(error)}`);
    this.name = "ObjectListRefused";
    this.error = error;
  }
}

/** object_list of the current association. */
const objectListName = 0xfa08;
const step = 8;

export function createShortNameClient(driver: ShortNameRequests, classOf: ClassLookup): ShortNameClient {
  let list: readonly ShortNameListElement[] | undefined;

  async function objects(): Promise<readonly ShortNameListElement[]> {
    if (list !== undefined) return list;
    const [result] = await driver.read([{ variableName: objectListName, parameterizedAccess: undefined }]);
    if (result?.kind !== "data") throw new ObjectListRefused(result?.error ?? dataAccessResult.otherReason);
    list = objectList.fromData(result.data);
    return list;
  }

  async function find(classId: number, name: AttributeDescriptor["logicalName"]) {
    return (await objects()).find((object) => object.classId === classId && object.logicalName === name);
  }

  async function variableOf(attribute: AttributeDescriptor): Promise<VariableReference | undefined> {
    const { classId, logicalName, attributeIndex, selectiveAccess } = attribute;
    const object = await find(classId, logicalName);
    // All attributes at once have no short name.
    if (object === undefined || attributeIndex < 1) return undefined;
    // Behind the last attribute lies another object: it must not be taken for this one.
    const interfaceClass = classOf(classId, object.version);
    if (interfaceClass !== undefined && interfaceClass.attributeAt[attributeIndex] === undefined) return undefined;
    const variableName = (object.baseName + step * (attributeIndex - 1)) & 0xffff;
    return { variableName, parameterizedAccess: selectiveAccess };
  }

  async function getList(attributes: readonly AttributeDescriptor[]): Promise<readonly GetDataResult[]> {
    const variables = await inOrder(attributes, variableOf);
    const known = variables.filter((variable) => variable !== undefined);
    const results = known.length === 0 ? [] : await driver.read(known);
    let next = 0;
    return variables.map((variable) => (variable === undefined ? undefinedObject : (results[next++] ?? noResult)));
  }

  async function setList(attributes: readonly AttributeDescriptor[], values: readonly Data[]) {
    const variables = await inOrder(attributes, variableOf);
    const known = variables.filter((variable) => variable !== undefined);
    const ofKnown = values.filter((_, index) => variables[index] !== undefined);
    const results = known.length === 0 ? [] : await driver.write(known, ofKnown);
    let next = 0;
    return variables.map((variable) =>
      variable === undefined ? dataAccessResult.objectUndefined : (results[next++] ?? dataAccessResult.otherReason),
    );
  }

  /** READ where the method gives something back, else WRITE. */
  async function invoke(method: MethodDescriptor, parameters?: Data): Promise<ActionResponseData> {
    const { classId, logicalName, methodIndex } = method;
    const object = await find(classId, logicalName);
    const interfaceClass = object && classOf(classId, object.version);
    const offset = interfaceClass && shortNameLayout(interfaceClass).offsetOf({ kind: "method", index: methodIndex });
    if (object === undefined || offset === undefined) {
      return { result: dataAccessResult.objectUndefined, returned: undefined };
    }
    const variableName = (object.baseName + offset) & 0xffff;
    const given = parameters ?? nullData;
    if (interfaceClass?.methodAt[methodIndex]?.[1].returns === undefined) {
      const [result] = await driver.write([{ variableName, parameterizedAccess: undefined }], [given]);
      return { result: result ?? dataAccessResult.otherReason, returned: undefined };
    }
    const parameterizedAccess = { selector: 0, parameters: given };
    const [result = noResult] = await driver.read([{ variableName, parameterizedAccess }]);
    if (result.kind === "error") return { result: result.error, returned: undefined };
    return { result: dataAccessResult.success, returned: result };
  }

  return {
    objects,
    getList,
    setList,
    invoke,
    async get(attribute) {
      if (isObjectListLn(attribute)) return { kind: "data", data: objectListLn(await objects()) };
      return (await getList([attribute]))[0] ?? noResult;
    },
    set: async (attribute, value) => (await setList([attribute], [value]))[0] ?? dataAccessResult.otherReason,
    invokeList: (methods, parameters) => inOrder(methods, (method, index) => invoke(method, parameters[index])),
  };
}

/** object_list of Association LN, which no such server has: what asks for it gets ours in that form, without rights. */
function isObjectListLn({ classId, logicalName, attributeIndex, selectiveAccess }: AttributeDescriptor): boolean {
  const isCurrent = classId === 15 && logicalName === "0-0:40.0.0*255";
  return isCurrent && attributeIndex === 2 && selectiveAccess === undefined;
}

function objectListLn(list: readonly ShortNameListElement[]): Data {
  const noRights: Data = { type: "structure", value: [noElements, noElements] };
  const element = (object: ShortNameListElement): Data => ({
    type: "structure",
    value: [
      longUnsigned.toData(object.classId),
      unsigned.toData(object.version),
      logicalNameType.toData(object.logicalName),
      noRights,
    ],
  });
  return { type: "array", value: list.map(element) };
}

const noElements: Data = { type: "array", value: [] };

const undefinedObject: GetDataResult = { kind: "error", error: dataAccessResult.objectUndefined };
const noResult: GetDataResult = { kind: "error", error: dataAccessResult.otherReason };

async function inOrder<I, R>(items: readonly I[], run: (item: I, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) results.push(await run(item, index));
  return results;
}
