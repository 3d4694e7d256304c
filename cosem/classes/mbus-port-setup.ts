import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import {
  array,
  doubleLongUnsigned,
  enumCode,
  enumeration,
  logicalNameType,
  longUnsigned,
  octetString,
  structure,
  unsigned,
} from "../model/types.js";

/** Times as octet-string, 12 octets each, fields may be unspecified. */
export const listeningWindow = structure({ startTime: octetString(), endTime: octetString() });

/** A DLMS server that is spoken to over M-Bus. IEC 62056-6-2, class_id 76, version 0. */
export const MbusPortSetup = defineInterfaceClass({
  name: "DLMS server M-Bus port setup",
  classId: 76,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** The setup object of the link in use. */
    mbusProfileSelection: attribute(2, logicalNameType, { access: "getSet" }),
    mbusPortCommunicationState: attribute(3, enumCode, { access: "get", dynamic: true }),
    mbusDataHeaderType: attribute(4, enumeration({ none: 0, short: 1, long: 2 }), { access: "getSet" }),
    primaryAddress: attribute(5, unsigned, { access: "getSet" }),
    identificationNumber: attribute(6, doubleLongUnsigned, { access: "getSet" }),
    manufacturerId: attribute(7, longUnsigned, { access: "getSet" }),
    version: attribute(8, unsigned, { access: "getSet" }),
    deviceType: attribute(9, unsigned, { access: "getSet" }),
    maxPduSize: attribute(10, longUnsigned, { access: "getSet" }),
    listeningWindow: attribute(11, array(listeningWindow), { access: "getSet" }),
  },
  methods: {},
});
