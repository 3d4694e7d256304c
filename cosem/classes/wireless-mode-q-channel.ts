import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { enumCode, logicalNameType, octetString } from "../model/types.js";

/** A wireless mode Q channel (EN 13757-5). IEC 62056-6-2, class_id 73, version 1. */
export const WirelessModeQChannel = defineInterfaceClass({
  name: "Wireless Mode Q channel",
  classId: 73,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    addressState: attribute(2, enumCode, { access: "get" }),
    deviceAddress: attribute(3, octetString(), { access: "getSet" }),
    addressMask: attribute(4, octetString(), { access: "getSet" }),
  },
  methods: {},
});
