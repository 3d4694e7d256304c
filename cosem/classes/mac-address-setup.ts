import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { logicalNameType, octetString } from "../model/types.js";

/** The link's hardware address. IEC 62056-6-2, class_id 43, version 0. */
export const MacAddressSetup = defineInterfaceClass({
  name: "MAC address setup",
  classId: 43,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    macAddress: attribute(2, octetString(), { access: "getSet" }),
  },
  methods: {},
});
