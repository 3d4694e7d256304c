import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  array,
  boolean,
  doubleLongUnsigned,
  integer,
  logicalNameType,
  longUnsigned,
  octetString,
  structure,
  unsigned,
} from "../model/types.js";

export const ipOption = structure({ type: unsigned, length: unsigned, data: octetString() });

/** Addresses are their four octets as one number, the first octet the most significant. class_id 42, version 0. */
export const Ipv4Setup = defineInterfaceClass({
  name: "IPv4 setup",
  classId: 42,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** The MAC address or PPP setup object below. */
    dlReference: attribute(2, logicalNameType, { access: "getSet" }),
    ipAddress: attribute(3, doubleLongUnsigned, { access: "getSet", dynamic: true }),
    multicastIpAddress: attribute(4, array(doubleLongUnsigned), { access: "getSet" }),
    ipOptions: attribute(5, array(ipOption), { access: "getSet" }),
    subnetMask: attribute(6, doubleLongUnsigned, { access: "getSet", dynamic: true }),
    gatewayIpAddress: attribute(7, doubleLongUnsigned, { access: "getSet", dynamic: true }),
    useDhcpFlag: attribute(8, boolean, { access: "getSet" }),
    primaryDnsAddress: attribute(9, doubleLongUnsigned, { access: "getSet", dynamic: true }),
    secondaryDnsAddress: attribute(10, doubleLongUnsigned, { access: "getSet", dynamic: true }),
  },
  methods: {
    addMcIpAddress: method(1, doubleLongUnsigned),
    deleteMcIpAddress: method(2, doubleLongUnsigned),
    getNumberOfMcIpAddresses: method(3, integer, longUnsigned),
  },
});
