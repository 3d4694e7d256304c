import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import { integer, logicalNameType, numeric, scalUnitType } from "../model/types.js";

/** One measured value with its scaler and unit. IEC 62056-6-2, class_id 3, version 0. */
export const Register = defineInterfaceClass({
  name: "Register",
  classId: 3,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    value: attribute(2, numeric, { access: "get", dynamic: true }),
    scalerUnit: attribute(3, scalUnitType, { access: "get" }),
  },
  methods: {
    reset: method(1, integer),
  },
});
