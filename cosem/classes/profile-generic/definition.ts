import { attribute, defineInterfaceClass, method } from "../../model/interface-class.js";
import {
  anyArray,
  array,
  doubleLongUnsigned,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  structure,
  type ValueOf,
} from "../../model/types.js";

/** One column: which attribute of which object, and which element of it (dataIndex 0 = the whole attribute). */
export const captureObjectDefinition = structure({
  classId: longUnsigned,
  logicalName: logicalNameType,
  attributeIndex: integer,
  dataIndex: longUnsigned,
});

export type CaptureObject = ValueOf<typeof captureObjectDefinition>;

export const sortMethod = { fifo: 1, lifo: 2, largest: 3, smallest: 4, nearestToZero: 5, farthestFromZero: 6 } as const;

/** Rows of captured values. IEC 62056-6-2, class_id 7, version 1. */
export const ProfileGeneric = defineInterfaceClass({
  name: "Profile generic",
  classId: 7,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** Rows are structures of the columns; selector 1 by range, 2 by entry. */
    buffer: attribute(2, anyArray, { access: "get", dynamic: true, selectors: [1, 2] }),
    captureObjects: attribute(3, array(captureObjectDefinition), { access: "getSet" }),
    /** Seconds; 0: captured by capture() or from outside only. */
    capturePeriod: attribute(4, doubleLongUnsigned, { access: "getSet" }),
    sortMethod: attribute(5, enumeration(sortMethod), { access: "getSet" }),
    sortObject: attribute(6, captureObjectDefinition, { access: "getSet" }),
    entriesInUse: attribute(7, doubleLongUnsigned, { access: "get", dynamic: true }),
    profileEntries: attribute(8, doubleLongUnsigned, { access: "getSet" }),
  },
  methods: {
    reset: method(1, integer),
    capture: method(2, integer),
  },
});
