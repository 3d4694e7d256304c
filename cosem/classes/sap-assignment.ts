import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import { array, logicalNameType, longUnsigned, octetText, structure, type ValueOf } from "../model/types.js";

/** asslist_element: a logical device behind its service access point. */
export const sapAssignmentElement = structure({ sap: longUnsigned, logicalDeviceName: octetText });

export type SapAssignmentElement = ValueOf<typeof sapAssignmentElement>;

/** The logical devices of a physical device. IEC 62056-6-2, class_id 17, version 0. */
export const SapAssignment = defineInterfaceClass({
  name: "SAP assignment",
  classId: 17,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    sapAssignmentList: attribute(2, array(sapAssignmentElement), { access: "get" }),
  },
  methods: {
    connectLogicalDevice: method(1, sapAssignmentElement),
  },
});
