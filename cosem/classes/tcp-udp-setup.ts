import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { logicalNameType, longUnsigned, unsigned } from "../model/types.js";

/** The door of the TCP or UDP wrapper. IEC 62056-6-2, class_id 41, version 0. */
export const TcpUdpSetup = defineInterfaceClass({
  name: "TCP-UDP setup",
  classId: 41,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    tcpUdpPort: attribute(2, longUnsigned, { access: "getSet" }),
    /** The IPv4 or IPv6 setup object below. */
    ipReference: attribute(3, logicalNameType, { access: "getSet" }),
    /** Octets. */
    maximumSegmentSize: attribute(4, longUnsigned, { access: "getSet" }),
    numberOfSimultaneousConnections: attribute(5, unsigned, { access: "get" }),
    /** Seconds; 0: never. */
    inactivityTimeOut: attribute(6, longUnsigned, { access: "getSet" }),
  },
  methods: {},
});
