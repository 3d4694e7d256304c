/**
 * Association LN objects. They keep nothing: object list and rights come from the caller's or the named association,
 * the negotiated values from the caller's session, so that one instance serves all logical devices.
 */
import {
  AssociationLn,
  associationStatus,
  attributeAccessMode,
  methodAccessMode,
  type ObjectListElement,
  objectId,
  objectListElement,
} from "../../classes/index.js";
import type { BitString, Data } from "../../codec/data.js";
import { type LogicalName, logicalName } from "../../model/logical-name.js";
import { array, longUnsigned, nullType } from "../../model/types.js";
import { arrayOrStream } from "../array-stream.js";
import type {
  AccessContext,
  Association,
  AssociationSession,
  CosemObject,
  LogicalDevice,
  ReadResult,
  SelectiveAccess,
} from "../contract.js";
import { accessRead, accessWrite } from "../contract.js";
import { type AttributeFunctions, createObject, type ObjectHandlers } from "../object.js";
import { refused } from "../refused.js";

export interface AssociationObjectParts {
  /** Undefined: the association of whoever asks, at 0-0:40.0.0*255. */
  readonly association?: Association;
  /** Value group E of a named association's object; 0 stands for the current one. */
  readonly instance?: number;
  /** Default: 0-0:43.0.0*255. */
  readonly securitySetupReference?: LogicalName;
  /** Selectors of object_list; default: all four of the class. */
  readonly objectListSelectors?: readonly number[];
  /** Changes the low-level secret; default: not offered. */
  readonly setSecret?: AttributeFunctions<Uint8Array>["set"];
  /** Methods of high-level authentication and of object list changes; default: none is listed. */
  readonly methods?: ObjectHandlers<typeof AssociationLn>["methods"];
}

/** Shown where no session is known: logical name referencing without ciphering, no authentication. */
const defaultContextName = [2, 16, 756, 5, 8, 1, 1];
const defaultMechanismName = [2, 16, 756, 5, 8, 2, 0];

/**
 * One Association LN object; put it into every logical device.
 * @throws RangeError for a named association without an instance from 1 to 255, or an instance without one
 */
export function createAssociationObject(parts: AssociationObjectParts = {}): CosemObject {
  const instance = parts.instance ?? 0;
  if ((parts.association === undefined) !== (instance === 0) || instance > 255) {
    throw new RangeError(`instance ${instance} does not fit ${parts.association?.name ?? "the current association"}`);
  }
  const associationOf = (context: AccessContext) => parts.association ?? context.principal.association;
  /** Only a caller knows its session: another client's object shows no negotiated values. */
  const sessionOf = (context: AccessContext) =>
    associationOf(context) === context.principal.association ? context.principal.session : undefined;

  return createObject(AssociationLn, logicalName(`0-0:40.0.${instance}*255`), {
    attributes: {
      objectList: { getData: (context) => readObjectList(associationOf(context), context) },
      associatedPartnersId: {
        get: (context) => ({
          clientSap: sessionOf(context)?.clientSap ?? associationOf(context).clientSap ?? 0,
          serverSap: sessionOf(context)?.serverSap ?? context.device.sap,
        }),
      },
      applicationContextName: {
        get: (context) => sessionOf(context)?.applicationContextName ?? defaultContextName,
      },
      xdlmsContextInfo: { get: (context) => contextInfo(sessionOf(context)) },
      authenticationMechanismName: {
        get: (context) => sessionOf(context)?.authenticationMechanismName ?? defaultMechanismName,
      },
      secret: parts.setSecret && { set: parts.setSecret },
      associationStatus: { get: (context) => statusOf(sessionOf(context)) },
      securitySetupReference: parts.securitySetupReference ?? logicalName("0-0:43.0.0*255"),
    },
    ...(parts.methods === undefined ? {} : { methods: parts.methods }),
    ...(parts.objectListSelectors === undefined ? {} : { selectors: { objectList: parts.objectListSelectors } }),
  });
}

function statusOf(session: AssociationSession | undefined) {
  if (session === undefined) return associationStatus.nonAssociated;
  return session.isAuthenticationPending ? associationStatus.associationPending : associationStatus.associated;
}

function contextInfo(session: AssociationSession | undefined) {
  return {
    conformance: conformanceBits(session?.conformance ?? 0),
    maxReceivePduSize: session?.maxReceivePduSize ?? 0,
    maxSendPduSize: session?.maxSendPduSize ?? 0,
    dlmsVersionNumber: session?.dlmsVersionNumber ?? 6,
    qualityOfService: 0,
    cypheringInfo: new Uint8Array(0),
  };
}

/** Bit 0 of the conformance block is the most significant of the 24. */
function conformanceBits(conformance: number): BitString {
  return { bytes: Uint8Array.of(conformance >> 16, conformance >> 8, conformance), length: 24 };
}

function readObjectList(association: Association, context: AccessContext): ReadResult {
  const { device, selectiveAccess } = context;
  const visible: CosemObject[] = [];
  for (const object of device.objects()) if (association.isVisible(device, object)) visible.push(object);
  if (selectiveAccess === undefined) return listWithRights(visible, association, device);
  return selectObjects(visible, selectiveAccess, association, device);
}

function listWithRights(objects: readonly CosemObject[], association: Association, device: LogicalDevice): ReadResult {
  const toData = (object: CosemObject) => objectListElement.toData(elementOf(object, association, device));
  return { ok: true, value: arrayOrStream(objects, toData) };
}

function selectObjects(
  objects: readonly CosemObject[],
  { selector, parameters }: SelectiveAccess,
  association: Association,
  device: LogicalDevice,
): ReadResult {
  switch (selector) {
    case 1:
      nullType.fromData(parameters);
      return { ok: true, value: arrayOrStream(objects, withoutRights) };
    case 2: {
      const classIds = array(longUnsigned).fromData(parameters);
      const ofClasses = objects.filter((object) => classIds.includes(object.interfaceClass.classId));
      return { ok: true, value: arrayOrStream(ofClasses, withoutRights) };
    }
    case 3: {
      const wanted = new Set(array(objectId).fromData(parameters).map(keyOf));
      return listWithRights(
        objects.filter((object) => wanted.has(instanceKey(object))),
        association,
        device,
      );
    }
    case 4: {
      const wanted = keyOf(objectId.fromData(parameters));
      const found = objects.find((object) => instanceKey(object) === wanted);
      if (found === undefined) return refused.scopeOfAccessViolated;
      return { ok: true, value: objectListElement.toData(elementOf(found, association, device)) };
    }
    default:
      return refused.readWriteDenied;
  }
}

const keyOf = (id: { readonly classId: number; readonly logicalName: LogicalName }) =>
  `${id.classId}:${id.logicalName}`;
const instanceKey = (object: CosemObject) => `${object.interfaceClass.classId}:${object.logicalName}`;

/** What selectors 1 and 2 give: class, version and logical name. */
function withoutRights(object: CosemObject): Data {
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

/** One element of object_list with the rights that `association` has. */
function elementOf(object: CosemObject, association: Association, device: LogicalDevice): ObjectListElement {
  const attributes = declared(object.interfaceClass.attributeAt);
  const methods = declared(object.interfaceClass.methodAt).filter(
    ({ index }) => object.offer === undefined || object.offer.methods[index] !== undefined,
  );
  return {
    ...identityOf(object),
    accessRights: {
      attributeAccess: attributes.map(({ index, selectors }) => ({
        attributeId: index,
        accessMode: attributeMode(association.attributeAccess(device, object, index)),
        accessSelectors: selectorChoice(object.offer?.selectors?.[index] ?? selectors),
      })),
      methodAccess: methods.map(({ index }) => ({
        methodId: index,
        accessMode: methodMode(association.methodAccess(device, object, index)),
      })),
    },
  };
}

function declared<D>(list: readonly (readonly [string, D] | undefined)[]): readonly D[] {
  return list.flatMap((entry) => (entry === undefined ? [] : [entry[1]]));
}

function selectorChoice(selectors: readonly number[]) {
  return selectors.length === 0
    ? ({ choice: "none", value: null } as const)
    : ({ choice: "selectors", value: selectors } as const);
}

const requestProtection = 0xfc;

type AttributeMode = (typeof attributeAccessMode)[keyof typeof attributeAccessMode];

const plainModes: readonly AttributeMode[] = [0, 1, 2, 3];
const authenticatedModes: readonly AttributeMode[] = [0, 4, 5, 6];

/** Access bits as the enum of versions 1 and 2: any protection demanded shows as "authenticated". */
function attributeMode(bits: number): AttributeMode {
  const modes = (bits & requestProtection) === 0 ? plainModes : authenticatedModes;
  return modes[bits & (accessRead | accessWrite)] ?? attributeAccessMode.noAccess;
}

function methodMode(bits: number) {
  if ((bits & 1) === 0) return methodAccessMode.noAccess;
  return (bits & requestProtection) === 0 ? methodAccessMode.access : methodAccessMode.authenticatedAccess;
}
