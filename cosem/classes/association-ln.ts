import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import { objectIdentifierType } from "../model/object-identifier.js";
import {
  array,
  bitString,
  choice,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  nullType,
  octetString,
  structure,
  unsigned,
  type ValueOf,
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

/** How one client may use a logical device. IEC 62056-6-2, class_id 15, version 1. */
export const AssociationLn = defineInterfaceClass({
  name: "Association LN",
  classId: 15,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** Selectors: 1 without access rights, 2 by class, 3 by list of objects, 4 one object. */
    objectList: attribute(2, array(objectListElement), { access: "get", selectors: [1, 2, 3, 4] }),
    associatedPartnersId: attribute(3, associatedPartnersId, { access: "get" }),
    applicationContextName: attribute(4, objectIdentifierType, { access: "get" }),
    xdlmsContextInfo: attribute(5, xdlmsContextInfo, { access: "get" }),
    authenticationMechanismName: attribute(6, objectIdentifierType, { access: "get" }),
    /** Never readable. */
    secret: attribute(7, octetString(), { access: "set" }),
    associationStatus: attribute(8, enumeration(associationStatus), { access: "get", dynamic: true }),
    securitySetupReference: attribute(9, logicalNameType, { access: "get" }),
  },
  methods: {
    replyToHlsAuthentication: method(1, octetString(), octetString()),
    changeHlsSecret: method(2, octetString()),
    addObject: method(3, objectListElement),
    removeObject: method(4, objectListElement),
  },
});
