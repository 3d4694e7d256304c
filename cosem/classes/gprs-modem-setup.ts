import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { logicalNameType, longUnsigned, octetString, structure, unsigned } from "../model/types.js";

/** Quality of service as 3GPP TS 24.008 codes it; 0: what the subscription has. */
export const qosElement = structure({
  precedence: unsigned,
  delay: unsigned,
  reliability: unsigned,
  peakThroughput: unsigned,
  meanThroughput: unsigned,
});

/** Packet data of a cellular modem. IEC 62056-6-2, class_id 45, version 0. */
export const GprsModemSetup = defineInterfaceClass({
  name: "GPRS modem setup",
  classId: 45,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    apn: attribute(2, octetString(), { access: "getSet" }),
    pinCode: attribute(3, longUnsigned, { access: "getSet" }),
    qualityOfService: attribute(4, structure({ defaultQos: qosElement, requestedQos: qosElement }), {
      access: "getSet",
    }),
  },
  methods: {},
});
