/**
 * Association SN: how one client may use a logical device by short names. Its other methods (get_attributes&methods and
 * those that later versions only reserve a place for) are optional and not declared.
 */
import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  anyData,
  array,
  boolean,
  type CosemType,
  choice,
  enumCode,
  enumeration,
  integer,
  logicalNameType,
  long,
  longUnsigned,
  nullType,
  octetString,
  structure,
  unsigned,
} from "../model/types.js";
import { associationUser, attributeAccessMode, methodAccessMode } from "./association-ln.js";

/** base_name is a signed 16-bit number: FA00 is -1536. */
export const objectListElementSn = structure({
  baseName: long,
  classId: longUnsigned,
  version: unsigned,
  logicalName: logicalNameType,
});

function accessRightsElement<A, M>(attributeMode: CosemType<A>, methodMode: CosemType<M>) {
  return structure({
    baseName: long,
    attributeAccess: array(
      structure({
        attributeId: integer,
        accessMode: attributeMode,
        accessSelectors: choice({ none: nullType, selectors: array(integer) }),
      }),
    ),
    methodAccess: array(structure({ methodId: integer, accessMode: methodMode })),
  });
}

/** access_rights_list of version 1: a method is allowed or not. */
export const accessRightsElementSnV1 = accessRightsElement(
  enumeration({ noAccess: 0, readOnly: 1, writeOnly: 2, readAndWrite: 3 }),
  boolean,
);
/** Of versions 2 and 3. */
export const accessRightsElementSn = accessRightsElement(
  enumeration(attributeAccessMode),
  enumeration(methodAccessMode),
);
/** Of version 4: both modes are bits in an enum. */
export const accessRightsElementSnV4 = accessRightsElement(enumCode, enumCode);

/** What read_by_logicalname asks for: attribute 0 is all of them. */
export const attributeIdentification = structure({
  classId: longUnsigned,
  logicalName: logicalNameType,
  attributeIndex: integer,
});

const common = {
  logicalName: attribute(1, logicalNameType, { access: "get" }),
  objectList: attribute(2, array(objectListElementSn), { access: "get" }),
} as const;

const securitySetupReference = { securitySetupReference: attribute(4, logicalNameType, { access: "get" }) } as const;

const users = {
  userList: attribute(5, array(associationUser), { access: "get" }),
  currentUser: attribute(6, associationUser, { access: "get", dynamic: true }),
} as const;

const methods = {
  readByLogicalname: method(3, array(attributeIdentification), anyData),
  changeSecret: method(5, octetString()),
  replyToHlsAuthentication: method(8, octetString(), octetString()),
} as const;

/** IEC 62056-6-2, class_id 12, version 0: the object list alone. */
export const AssociationSnV0 = defineInterfaceClass({
  name: "Association SN",
  classId: 12,
  version: 0,
  attributes: common,
  methods,
});

/** Version 1: with access rights. */
export const AssociationSnV1 = defineInterfaceClass({
  name: "Association SN",
  classId: 12,
  version: 1,
  attributes: {
    ...common,
    accessRightsList: attribute(3, array(accessRightsElementSnV1), { access: "get" }),
  },
  methods,
});

/** Version 2: with a security setup and authenticated access. */
export const AssociationSn = defineInterfaceClass({
  name: "Association SN",
  classId: 12,
  version: 2,
  attributes: {
    ...common,
    accessRightsList: attribute(3, array(accessRightsElementSn), { access: "get" }),
    ...securitySetupReference,
  },
  methods,
});

/** Version 3: with users. */
export const AssociationSnV3 = defineInterfaceClass({
  name: "Association SN",
  classId: 12,
  version: 3,
  attributes: {
    ...common,
    accessRightsList: attribute(3, array(accessRightsElementSn), { access: "get" }),
    ...securitySetupReference,
    ...users,
  },
  methods,
});

/** Version 4: access rights as bits. */
export const AssociationSnV4 = defineInterfaceClass({
  name: "Association SN",
  classId: 12,
  version: 4,
  attributes: {
    ...common,
    accessRightsList: attribute(3, array(accessRightsElementSnV4), { access: "get" }),
    ...securitySetupReference,
    ...users,
  },
  methods,
});
