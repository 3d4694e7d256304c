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

/** JSON gives a number the narrowest type that holds it, unless it names another: `{ "longUnsigned": 4 }`. */
export const statusWord = choice({
  bitString,
  unsigned,
  longUnsigned,
  doubleLongUnsigned,
  long64Unsigned,
  octetString: octetString(),
  visibleString,
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
