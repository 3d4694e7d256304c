/**
 * Association LN objects. They keep nothing: object list and rights come from the caller's or the named association,
 * the negotiated values from the caller's session, so that one instance serves all logical devices.
 */
import { type AssociationUser, associationStatus, objectId } from "../../classes/index.js";
import type { BitString } from "../../codec/data.js";
import { type LogicalName, logicalName } from "../../model/logical-name.js";
import { array, longUnsigned, nullType } from "../../model/types.js";
import { arrayOrStream } from "../array-stream.js";
import type {
  AccessContext,
  Answer,
  Association,
  AssociationSession,
  CosemObject,
  LogicalDevice,
  ReadResult,
  Refused,
  SelectiveAccess,
} from "../contract.js";
import { type AttributeFunctions, createObject } from "../object.js";
import { refused } from "../refused.js";
import {
  type AssociationVersion,
  associationClasses,
  elementWithoutRights,
  namedObjectV0,
  namedObjectV1,
  namedObjectV3,
  type ObjectListForm,
  objectListForm,
} from "./association-rights.js";
import { type AssociationUsers, addUser, currentUser, removeUser } from "./association-users.js";
import { addObject, removeObject } from "./object-list-changes.js";

export interface AssociationObjectParts {
  /** Default: 1. 2 has users, 3 shows rights as bits, 0 is for old head-ends. */
  readonly version?: AssociationVersion;
  /** Undefined: the association of whoever asks, at 0-0:40.0.0*255. */
  readonly association?: Association;
  /** Value group E of a named association's object; 0 stands for the current one. */
  readonly instance?: number;
  /** By the association it is asked for; default: 0-0:43.0.0*255. */
  readonly securitySetupReference?: (association: Association) => LogicalName;
  /** Selectors of object_list; default: all four of the class. */
  readonly objectListSelectors?: readonly number[];
  /** Changes the low-level secret; default: not offered. */
  readonly setSecret?: AttributeFunctions<Uint8Array>["set"];
  /** Takes the parameter of change_HLS_secret; default: listed, not allowed. */
  readonly changeHlsSecret?: (secret: Uint8Array, context: AccessContext) => Answer<undefined | Refused>;
  /** Methods 3 and 4 change the object list of an association that is adjustable; default: false, and not listed. */
  readonly mayChangeObjects?: boolean;
  /** Users of versions 2 and 3, by the association; default: an empty list, and methods 5 and 6 not listed. */
  readonly users?: (association: Association) => AssociationUsers;
}

const defaultSecuritySetup = logicalName("0-0:43.0.0*255");

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
  const version = parts.version ?? 1;
  const form = objectListForm(version);
  const name = logicalName(`0-0:40.0.${instance}*255`);
  const associationOf = (context: AccessContext) => parts.association ?? context.principal.association;
  /** Only a caller knows its session: another client's object shows no negotiated values. */
  const sessionOf = (context: AccessContext) =>
    associationOf(context) === context.principal.association ? context.principal.session : undefined;

  const attributes = {
    objectList: { getData: (context: AccessContext) => readObjectList(associationOf(context), context, form) },
    associatedPartnersId: {
      get: (context: AccessContext) => ({
        clientSap: sessionOf(context)?.clientSap ?? associationOf(context).clientSap ?? 0,
        serverSap: sessionOf(context)?.serverSap ?? context.device.sap,
      }),
    },
    applicationContextName: {
      get: (context: AccessContext) => sessionOf(context)?.applicationContextName ?? defaultContextName,
    },
    xdlmsContextInfo: { get: (context: AccessContext) => contextInfo(sessionOf(context)) },
    authenticationMechanismName: {
      get: (context: AccessContext) => sessionOf(context)?.authenticationMechanismName ?? defaultMechanismName,
    },
    secret: parts.setSecret && { set: parts.setSecret },
    associationStatus: { get: (context: AccessContext) => statusOf(sessionOf(context)) },
  };
  const securitySetupReference = {
    get: (context: AccessContext) => parts.securitySetupReference?.(associationOf(context)) ?? defaultSecuritySetup,
  };
  const users = {
    userList: { get: (context: AccessContext) => parts.users?.(associationOf(context)).list() ?? [] },
    currentUser: {
      get: (context: AccessContext) => currentUser(parts.users?.(associationOf(context)), sessionOf(context)),
    },
  };
  const selectors =
    parts.objectListSelectors === undefined ? {} : { selectors: { objectList: parts.objectListSelectors } };

  const authentication = {
    /** Pass 3 is the association machine's own, as long as it is pending: what comes here comes at another time. */
    replyToHlsAuthentication: () => refused.readWriteDenied,
    changeHlsSecret: parts.changeHlsSecret,
  };
  /** Those that change the object list, with parameters as one version has them; none where it cannot be changed. */
  function objectMethods<E>(named: (element: E) => Parameters<typeof addObject>[0]) {
    if (parts.mayChangeObjects !== true) return {};
    return {
      addObject: (element: E, context: AccessContext) => addObject(named(element), associationOf(context), context),
      removeObject: (element: E, context: AccessContext) =>
        removeObject(named(element), associationOf(context), context),
    };
  }
  const { users: usersOf } = parts;
  const changing = (act: typeof addUser) => (user: AssociationUser, context: AccessContext) => {
    const list = usersOf?.(associationOf(context));
    return list === undefined ? refused.readWriteDenied : act(list, user, context);
  };
  const userMethods = usersOf === undefined ? {} : { addUser: changing(addUser), removeUser: changing(removeUser) };

  switch (version) {
    case 0:
      return createObject(associationClasses[0], name, {
        attributes,
        ...selectors,
        methods: { ...authentication, ...objectMethods(namedObjectV0) },
      });
    case 1:
      return createObject(associationClasses[1], name, {
        attributes: { ...attributes, securitySetupReference },
        ...selectors,
        methods: { ...authentication, ...objectMethods(namedObjectV1) },
      });
    case 2:
      return createObject(associationClasses[2], name, {
        attributes: { ...attributes, securitySetupReference, ...users },
        ...selectors,
        methods: { ...authentication, ...objectMethods(namedObjectV1), ...userMethods },
      });
    case 3:
      return createObject(associationClasses[3], name, {
        attributes: { ...attributes, securitySetupReference, ...users },
        ...selectors,
        methods: { ...authentication, ...objectMethods(namedObjectV3), ...userMethods },
      });
  }
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

function readObjectList(association: Association, context: AccessContext, form: ObjectListForm): ReadResult {
  const { device, selectiveAccess } = context;
  const visible: CosemObject[] = [];
  for (const object of device.objects()) if (association.isVisible(device, object)) visible.push(object);
  if (selectiveAccess === undefined) return listWithRights(visible, association, device, form);
  return selectObjects(visible, selectiveAccess, association, device, form);
}

function listWithRights(
  objects: readonly CosemObject[],
  association: Association,
  device: LogicalDevice,
  form: ObjectListForm,
): ReadResult {
  return { ok: true, value: arrayOrStream(objects, (object) => form.elementOf(object, association, device)) };
}

function selectObjects(
  objects: readonly CosemObject[],
  { selector, parameters }: SelectiveAccess,
  association: Association,
  device: LogicalDevice,
  form: ObjectListForm,
): ReadResult {
  switch (selector) {
    case 1:
      nullType.fromData(parameters);
      return { ok: true, value: arrayOrStream(objects, elementWithoutRights) };
    case 2: {
      const classIds = array(longUnsigned).fromData(parameters);
      const ofClasses = objects.filter((object) => classIds.includes(object.interfaceClass.classId));
      return { ok: true, value: arrayOrStream(ofClasses, elementWithoutRights) };
    }
    case 3: {
      const wanted = new Set(array(objectId).fromData(parameters).map(keyOf));
      const chosen = objects.filter((object) => wanted.has(instanceKey(object)));
      return listWithRights(chosen, association, device, form);
    }
    case 4: {
      const wanted = keyOf(objectId.fromData(parameters));
      const found = objects.find((object) => instanceKey(object) === wanted);
      if (found === undefined) return refused.scopeOfAccessViolated;
      return { ok: true, value: form.elementOf(found, association, device) };
    }
    default:
      return refused.readWriteDenied;
  }
}

const keyOf = (id: { readonly classId: number; readonly logicalName: LogicalName }) =>
  `${id.classId}:${id.logicalName}`;
const instanceKey = (object: CosemObject) => `${object.interfaceClass.classId}:${object.logicalName}`;
