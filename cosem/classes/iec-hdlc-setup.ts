import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { logicalNameType, longUnsigned, unsigned } from "../model/types.js";
import { communicationSpeed } from "./communication-speed.js";

/** An HDLC channel. IEC 62056-6-2, class_id 23, version 1. */
export const IecHdlcSetup = defineInterfaceClass({
  name: "IEC HDLC setup",
  classId: 23,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    commSpeed: attribute(2, communicationSpeed, { access: "getSet" }),
    /** 1 … 7 frames. */
    windowSizeTransmit: attribute(3, unsigned, { access: "getSet" }),
    windowSizeReceive: attribute(4, unsigned, { access: "getSet" }),
    /** 32 … 2030 octets. */
    maxInfoFieldLengthTransmit: attribute(5, longUnsigned, { access: "getSet" }),
    maxInfoFieldLengthReceive: attribute(6, longUnsigned, { access: "getSet" }),
    /** 20 … 6000 ms. */
    interOctetTimeOut: attribute(7, longUnsigned, { access: "getSet" }),
    /** Seconds; 0: never. */
    inactivityTimeOut: attribute(8, longUnsigned, { access: "getSet" }),
    deviceAddress: attribute(9, longUnsigned, { access: "getSet" }),
  },
  methods: {},
});
