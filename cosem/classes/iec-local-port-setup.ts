import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { enumeration, logicalNameType, octetString } from "../model/types.js";
import { communicationSpeed } from "./communication-speed.js";

/** An optical or electrical port by IEC 62056-21. IEC 62056-6-2, class_id 19, version 1. */
export const IecLocalPortSetup = defineInterfaceClass({
  name: "IEC local port setup",
  classId: 19,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** 0: mode A to E by the standard's opening; 1: HDLC at once; 2: not specified. */
    defaultMode: attribute(2, enumeration({ iec6205621: 0, hdlc: 1, notSpecified: 2 }), { access: "getSet" }),
    defaultBaud: attribute(3, communicationSpeed, { access: "getSet" }),
    proposedBaud: attribute(4, communicationSpeed, { access: "getSet" }),
    responseTime: attribute(5, enumeration({ milliseconds20: 0, milliseconds200: 1 }), { access: "getSet" }),
    deviceAddress: attribute(6, octetString(), { access: "getSet" }),
    /** Passwords are never readable. */
    passwordP1: attribute(7, octetString(), { access: "set" }),
    passwordP2: attribute(8, octetString(), { access: "set" }),
    passwordW5: attribute(9, octetString(), { access: "set" }),
  },
  methods: {},
});
