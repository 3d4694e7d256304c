import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import { anyData, dateTimeType, integer, logicalNameType, numeric, scalUnitType } from "../model/types.js";

/** One measured value with scaler, unit, status and the time it was captured. IEC 62056-6-2, class_id 4, version 0. */
export const ExtendedRegister = defineInterfaceClass({
  name: "Extended register",
  classId: 4,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    value: attribute(2, numeric, { access: "get", dynamic: true }),
    scalerUnit: attribute(3, scalUnitType, { access: "get" }),
    status: attribute(4, anyData, { access: "get", dynamic: true }),
    captureTime: attribute(5, dateTimeType, { access: "get", dynamic: true }),
  },
  methods: {
    reset: method(1, integer),
  },
});
