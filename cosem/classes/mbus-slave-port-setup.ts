import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { enumeration, logicalNameType, unsigned } from "../model/types.js";
import { communicationSpeed } from "./communication-speed.js";

/** A port at which the device is itself an M-Bus slave. IEC 62056-6-2, class_id 25, version 0. */
export const MbusSlavePortSetup = defineInterfaceClass({
  name: "M-Bus slave port setup",
  classId: 25,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    defaultBaud: attribute(2, communicationSpeed, { access: "getSet" }),
    availableBaud: attribute(3, communicationSpeed, { access: "getSet" }),
    addressState: attribute(4, enumeration({ notAssigned: 0, assigned: 1 }), { access: "get" }),
    busAddress: attribute(5, unsigned, { access: "getSet" }),
  },
  methods: {},
});
