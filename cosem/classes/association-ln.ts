import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import { objectIdentifierType } from "../model/object-identifier.js";
import {
  array,
  bitString,
  boolean,
  type CosemType,
  choice,
  enumCode,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  nullType,
  octetString,
  structure,
  unsigned,
  type ValueOf,
  visibleString,
} from "../model/types.js";

/** Access modes of versions 1 and 2 (version 3 has bits instead). */
export const attributeAccessMode = {
  noAccess: 0,
  readOnly: 1,
  writeOnly: 2,
  readAndWrite: 3,
  authenticatedReadOnly: 4,
  authenticatedWriteOnly: 5,
  authenticatedReadAndWrite: 6,
} as const;

export const methodAccessMode = { noAccess: 0, access: 1, authenticatedAccess: 2 } as const;

export const attributeAccessItem = structure({
  attributeId: integer,
  accessMode: enumeration(attributeAccessMode),
  accessSelectors: choice({ none: nullType, selectors: array(integer) }),
});

export const methodAccessItem = structure({ methodId: integer, accessMode: enumeration(methodAccessMode) });

/** access_right of versions 1 and 2. */
export const accessRights = structure({
  attributeAccess: array(attributeAccessItem),
  methodAccess: array(methodAccessItem),
});

export const objectListElement = structure({
  classId: longUnsigned,
  version: unsigned,
  logicalName: logicalNameType,
  accessRights,
});

export type ObjectListElement = ValueOf<typeof objectListElement>;

/** access_right of version 0: no authenticated access, and a method is allowed or not. */
export const accessRightsV0 = structure({
  attributeAccess: array(
    structure({
      attributeId: integer,
      accessMode: enumeration({ noAccess: 0, readOnly: 1, writeOnly: 2, readAndWrite: 3 }),
      accessSelectors: choice({ none: nullType, selectors: array(integer) }),
    }),
  ),
  methodAccess: array(structure({ methodId: integer, accessMode: boolean })),
});

/** access_right of version 3: both modes are bits in an enum, as in the registry's contract. */
export const accessRightsV3 = structure({
  attributeAccess: array(
    structure({
      attributeId: integer,
      accessMode: enumCode,
      accessSelectors: choice({ none: nullType, selectors: array(integer) }),
    }),
  ),
  methodAccess: array(structure({ methodId: integer, accessMode: enumCode })),
});

function objectListElementWith<R>(rights: CosemType<R>) {
  return structure({
    classId: longUnsigned,
    version: unsigned,
    logicalName: logicalNameType,
    accessRights: rights,
  });
}

export const objectListElementV0 = objectListElementWith(accessRightsV0);
export const objectListElementV3 = objectListElementWith(accessRightsV3);

/** object_id: a class and a logical name, as selectors 3 and 4 of object_list take them. */
export const objectId = structure({ classId: longUnsigned, logicalName: logicalNameType });

export const associatedPartnersId = structure({ clientSap: integer, serverSap: longUnsigned });

export const xdlmsContextInfo = structure({
  /** 24 bits in the order of the conformance block. */
  conformance: bitString,
  maxReceivePduSize: longUnsigned,
  maxSendPduSize: longUnsigned,
  dlmsVersionNumber: unsigned,
  qualityOfService: integer,
  cypheringInfo: octetString(),
});

export const associationStatus = { nonAssociated: 0, associationPending: 1, associated: 2 } as const;

/** user_list_entry, and current_user; the id comes as calling-AE-invocation-id of the AARQ. */
export const associationUser = structure({ userId: unsigned, userName: visibleString });

export type AssociationUser = ValueOf<typeof associationUser>;

/** Attributes that all versions have alike. */
const negotiated = {
  associatedPartnersId: attribute(3, associatedPartnersId, { access: "get" }),
  applicationContextName: attribute(4, objectIdentifierType, { access: "get" }),
  xdlmsContextInfo: attribute(5, xdlmsContextInfo, { access: "get" }),
  authenticationMechanismName: attribute(6, objectIdentifierType, { access: "get" }),
  /** Never readable. */
  secret: attribute(7, octetString(), { access: "set" }),
  associationStatus: attribute(8, enumeration(associationStatus), { access: "get", dynamic: true }),
} as const;

const securitySetupReference = { securitySetupReference: attribute(9, logicalNameType, { access: "get" }) } as const;

const users = {
  userList: attribute(10, array(associationUser), { access: "get" }),
  /** Id 0 and an empty name where no user list is kept. */
  currentUser: attribute(11, associationUser, { access: "get", dynamic: true }),
} as const;

/** Selectors: 1 without access rights, 2 by class, 3 by list of objects, 4 one object. */
const listSelectors = [1, 2, 3, 4];

const authenticationMethods = {
  replyToHlsAuthentication: method(1, octetString(), octetString()),
  changeHlsSecret: method(2, octetString()),
} as const;

const userMethods = { addUser: method(5, associationUser), removeUser: method(6, associationUser) } as const;

/** IEC 62056-6-2, class_id 15, version 0: no security setup, no authenticated access. */
export const AssociationLnV0 = defineInterfaceClass({
  name: "Association LN",
  classId: 15,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    objectList: attribute(2, array(objectListElementV0), { access: "get", selectors: listSelectors }),
    ...negotiated,
  },
  methods: {
    ...authenticationMethods,
    addObject: method(3, objectListElementV0),
    removeObject: method(4, objectListElementV0),
  },
});

/** How one client may use a logical device. IEC 62056-6-2, class_id 15, version 1: what most head-ends know. */
export const AssociationLn = defineInterfaceClass({
  name: "Association LN",
  classId: 15,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    objectList: attribute(2, array(objectListElement), { access: "get", selectors: listSelectors }),
    ...negotiated,
    ...securitySetupReference,
  },
  methods: {
    ...authenticationMethods,
    addObject: method(3, objectListElement),
    removeObject: method(4, objectListElement),
  },
});

/** IEC 62056-6-2, class_id 15, version 2: with users. */
export const AssociationLnV2 = defineInterfaceClass({
  name: "Association LN",
  classId: 15,
  version: 2,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    objectList: attribute(2, array(objectListElement), { access: "get", selectors: listSelectors }),
    ...negotiated,
    ...securitySetupReference,
    ...users,
  },
  methods: {
    ...authenticationMethods,
    addObject: method(3, objectListElement),
    removeObject: method(4, objectListElement),
    ...userMethods,
  },
});

/** IEC 62056-6-2, class_id 15, version 3: access rights as bits, for each protection of request and response. */
export const AssociationLnV3 = defineInterfaceClass({
  name: "Association LN",
  classId: 15,
  version: 3,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    objectList: attribute(2, array(objectListElementV3), { access: "get", selectors: listSelectors }),
    ...negotiated,
    ...securitySetupReference,
    ...users,
  },
  methods: {
    ...authenticationMethods,
    addObject: method(3, objectListElementV3),
    removeObject: method(4, objectListElementV3),
    ...userMethods,
  },
});
