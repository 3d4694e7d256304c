/** Access rights as each version of Association LN writes them, and back to the bits that the registry has. */
import {
  AssociationLn,
  AssociationLnV0,
  AssociationLnV2,
  AssociationLnV3,
  attributeAccessMode,
  methodAccessMode,
  objectListElement,
  objectListElementV0,
  objectListElementV3,
} from "../../classes/index.js";
import type { Data } from "../../codec/data.js";
import type { CosemType, ValueOf } from "../../model/cosem-type.js";
import type { ObjectRights } from "../adjustable-association.js";
import type { Association, CosemObject, LogicalDevice } from "../contract.js";
import {
  accessInvoke,
  accessRead,
  accessRequestProtection,
  accessResponseProtection,
  accessWrite,
} from "../contract.js";

export type AssociationVersion = 0 | 1 | 2 | 3;

export const associationClasses = { 0: AssociationLnV0, 1: AssociationLn, 2: AssociationLnV2, 3: AssociationLnV3 };

/** One version's way of writing modes: the element's type, and modes from bits and back. */
interface RightsForm<A, M> {
  readonly element: CosemType<{
    readonly classId: number;
    readonly version: number;
    readonly logicalName: ValueOf<typeof objectListElement>["logicalName"];
    readonly accessRights: {
      readonly attributeAccess: readonly {
        readonly attributeId: number;
        readonly accessMode: A;
        readonly accessSelectors: ValueOf<
          typeof objectListElement
        >["accessRights"]["attributeAccess"][number]["accessSelectors"];
      }[];
      readonly methodAccess: readonly { readonly methodId: number; readonly accessMode: M }[];
    };
  }>;
  attributeMode(bits: number): A;
  methodMode(bits: number): M;
  attributeBits(mode: A): number;
  methodBits(mode: M): number;
}

const access = accessRead | accessWrite;
const protection = accessRequestProtection | accessResponseProtection;
const authenticatedRequest = 0x04;

type ModeV1 = (typeof attributeAccessMode)[keyof typeof attributeAccessMode];
type MethodModeV1 = (typeof methodAccessMode)[keyof typeof methodAccessMode];

const plainModes: readonly (0 | 1 | 2 | 3)[] = [0, 1, 2, 3];
const authenticatedModes: readonly ModeV1[] = [0, 4, 5, 6];

function methodModeV1(bits: number): MethodModeV1 {
  if ((bits & accessInvoke) === 0) return methodAccessMode.noAccess;
  return (bits & protection) === 0 ? methodAccessMode.access : methodAccessMode.authenticatedAccess;
}

/** Any protection shows as "authenticated"; that, read back, is an authenticated request. */
const version1: RightsForm<ModeV1, MethodModeV1> = {
  element: objectListElement,
  attributeMode: (bits) => ((bits & protection) === 0 ? plainModes : authenticatedModes)[bits & access] ?? 0,
  methodMode: methodModeV1,
  attributeBits: (mode) => (mode > attributeAccessMode.readAndWrite ? (mode - 3) | authenticatedRequest : mode),
  methodBits: (mode) => (mode === methodAccessMode.authenticatedAccess ? accessInvoke | authenticatedRequest : mode),
};

/** It has no word for protection, which holds all the same. */
const version0: RightsForm<0 | 1 | 2 | 3, boolean> = {
  element: objectListElementV0,
  attributeMode: (bits) => plainModes[bits & access] ?? 0,
  methodMode: (bits) => (bits & accessInvoke) !== 0,
  attributeBits: (mode) => mode,
  methodBits: (mode) => (mode ? accessInvoke : 0),
};

const version3: RightsForm<number, number> = {
  element: objectListElementV3,
  attributeMode: (bits) => bits,
  methodMode: (bits) => bits,
  attributeBits: (mode) => mode,
  methodBits: (mode) => mode,
};

/** Element of object_list in one version of the class. */
export interface ObjectListForm {
  /** The element with the rights that `association` has. */
  elementOf(object: CosemObject, association: Association, device: LogicalDevice): Data;
}

function listForm<A, M>(form: RightsForm<A, M>): ObjectListForm {
  return {
    elementOf(object, association, device) {
      const attributes = declared(object.interfaceClass.attributeAt);
      const methods = declared(object.interfaceClass.methodAt).filter(
        ({ index }) => object.offer === undefined || object.offer.methods[index] !== undefined,
      );
      return form.element.toData({
        ...identityOf(object),
        accessRights: {
          attributeAccess: attributes.map(({ index, selectors }) => ({
            attributeId: index,
            accessMode: form.attributeMode(association.attributeAccess(device, object, index)),
            accessSelectors: selectorChoice(object.offer?.selectors?.[index] ?? selectors),
          })),
          methodAccess: methods.map(({ index }) => ({
            methodId: index,
            accessMode: form.methodMode(association.methodAccess(device, object, index)),
          })),
        },
      });
    },
  };
}

const forms = { 0: listForm(version0), 1: listForm(version1), 2: listForm(version1), 3: listForm(version3) } as const;

export function objectListForm(version: AssociationVersion): ObjectListForm {
  return forms[version];
}

/** What add_object and remove_object name, whatever the version. */
export interface NamedObject extends ReturnType<typeof identityOf> {
  readonly rights: ObjectRights;
}

interface ElementOf<A, M> {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: CosemObject["logicalName"];
  readonly accessRights: {
    readonly attributeAccess: readonly { readonly attributeId: number; readonly accessMode: A }[];
    readonly methodAccess: readonly { readonly methodId: number; readonly accessMode: M }[];
  };
}

function named<A, M>(form: RightsForm<A, M>, element: ElementOf<A, M>): NamedObject {
  const { attributeAccess, methodAccess } = element.accessRights;
  return {
    classId: element.classId,
    version: element.version,
    logicalName: element.logicalName,
    rights: {
      attributes: Object.fromEntries(
        attributeAccess.map(({ attributeId, accessMode }) => [attributeId, form.attributeBits(accessMode)]),
      ),
      methods: Object.fromEntries(
        methodAccess.map(({ methodId, accessMode }) => [methodId, form.methodBits(accessMode)]),
      ),
    },
  };
}

export const namedObjectV0 = (element: ValueOf<typeof objectListElementV0>) => named(version0, element);
export const namedObjectV1 = (element: ValueOf<typeof objectListElement>) => named(version1, element);
export const namedObjectV3 = (element: ValueOf<typeof objectListElementV3>) => named(version3, element);

/** What selectors 1 and 2 give: class, version and logical name. */
export function elementWithoutRights(object: CosemObject): Data {
  const element = objectListElement.toData({
    ...identityOf(object),
    accessRights: { attributeAccess: [], methodAccess: [] },
  });
  return element.type === "structure" ? { type: "structure", value: element.value.slice(0, 3) } : element;
}

function identityOf(object: CosemObject) {
  const { classId, version } = object.interfaceClass;
  return { classId, version, logicalName: object.logicalName };
}

function declared<D>(list: readonly (readonly [string, D] | undefined)[]): readonly D[] {
  return list.flatMap((entry) => (entry === undefined ? [] : [entry[1]]));
}

function selectorChoice(selectors: readonly number[]) {
  return selectors.length === 0
    ? ({ choice: "none", value: null } as const)
    : ({ choice: "selectors", value: selectors } as const);
}
