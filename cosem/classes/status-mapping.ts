import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import {
  array,
  bitString,
  choice,
  doubleLongUnsigned,
  logicalNameType,
  long64Unsigned,
  longUnsigned,
  octetString,
  structure,
  unsigned,
  visibleString,
} from "../model/types.js";

export const statusWord = choice({
  bitString,
  doubleLongUnsigned,
  octetString: octetString(),
  visibleString,
  unsigned,
  longUnsigned,
  long64Unsigned,
});

/** Which entries of a reference table the bits mean: the first one's number, or one number a bit. */
export const mappingTable = structure({
  refTableId: unsigned,
  refTableMapping: choice({ first: longUnsigned, each: array(longUnsigned) }),
});

/** A status word and what its bits mean. IEC 62056-6-2, class_id 63, version 0. */
export const StatusMapping = defineInterfaceClass({
  name: "Status mapping",
  classId: 63,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    statusWord: attribute(2, statusWord, { access: "get", dynamic: true }),
    mappingTable: attribute(3, mappingTable, { access: "get" }),
  },
  methods: {},
});
