import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import { anyData, logicalNameType } from "../model/types.js";

/** Any value. IEC 62056-6-2, class_id 1, version 0. */
export const DataClass = defineInterfaceClass({
  name: "Data",
  classId: 1,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    value: attribute(2, anyData, { access: "getSet" }),
  },
  methods: {},
});
