import { attribute, defineInterfaceClass, method } from "../../model/interface-class.js";
import {
  array,
  choice,
  doubleLongUnsigned,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  nullType,
  octetString,
  structure,
  unsigned,
  type ValueOf,
} from "../../model/types.js";
import { captureObjectDefinition } from "../profile-generic/definition.js";

export const captureMethod = { onInvoke: 0, onRead: 1 } as const;

/** Restriction of a captured profile's rows, as Push setup has it from version 1 on. */
export const restrictionElement = structure({
  restrictionType: enumeration({ none: 0, byDate: 1, byEntry: 2 }),
  restrictionValue: choice({
    none: nullType,
    byDate: structure({ fromDate: octetString(), toDate: octetString() }),
    byEntry: structure({ fromEntry: doubleLongUnsigned, toEntry: doubleLongUnsigned }),
  }),
});

/** Version 1: with a restriction of the rows and the columns of a captured profile. */
export const restrictedCaptureObject = structure({
  classId: longUnsigned,
  logicalName: logicalNameType,
  attributeIndex: integer,
  dataIndex: longUnsigned,
  restriction: restrictionElement,
  columns: array(captureObjectDefinition),
});

export type RestrictedCaptureObject = ValueOf<typeof restrictedCaptureObject>;

const common = {
  logicalName: attribute(1, logicalNameType, { access: "get" }),
  /** Octets: the template id, then the values without tags. */
  compactBuffer: attribute(2, octetString(), { access: "get", dynamic: true }),
  /** Changes when the capture objects change, so that a reader knows how to take the buffer apart. */
  templateId: attribute(4, unsigned, { access: "getSet" }),
  /** Types of the buffer's values, as the contents description of a compact-array has them. */
  templateDescription: attribute(5, octetString(), { access: "get", dynamic: true }),
  captureMethod: attribute(6, enumeration(captureMethod), { access: "getSet" }),
} as const;

const methods = { reset: method(1, integer), capture: method(2, integer) } as const;

/** Captured values in few octets. IEC 62056-6-2, class_id 62, version 0. */
export const CompactDataV0 = defineInterfaceClass({
  name: "Compact data",
  classId: 62,
  version: 0,
  attributes: {
    ...common,
    captureObjects: attribute(3, array(captureObjectDefinition), { access: "getSet" }),
  },
  methods,
});

/** Captured values in few octets, rows of profiles chosen. IEC 62056-6-2, class_id 62, version 1. */
export const CompactData = defineInterfaceClass({
  name: "Compact data",
  classId: 62,
  version: 1,
  attributes: {
    ...common,
    captureObjects: attribute(3, array(restrictedCaptureObject), { access: "getSet" }),
  },
  methods,
});
