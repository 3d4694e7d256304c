import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { logicalNameType } from "../model/types.js";
import { communicationSpeed } from "./communication-speed.js";

/** A bus that the gateway is master of. IEC 62056-6-2, class_id 74, version 0. */
export const MbusMasterPortSetup = defineInterfaceClass({
  name: "M-Bus master port setup",
  classId: 74,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    commSpeed: attribute(2, communicationSpeed, { access: "getSet" }),
  },
  methods: {},
});
