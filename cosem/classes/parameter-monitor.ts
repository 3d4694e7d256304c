import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  anyData,
  array,
  dateTimeType,
  integer,
  logicalNameType,
  longUnsigned,
  structure,
  type ValueOf,
} from "../model/types.js";

/** An attribute whose changes are told. */
export const parameterListElement = structure({
  classId: longUnsigned,
  logicalName: logicalNameType,
  attributeIndex: integer,
});

export type ParameterListElement = ValueOf<typeof parameterListElement>;

export const changedParameter = structure({
  classId: longUnsigned,
  logicalName: logicalNameType,
  attributeIndex: integer,
  attributeValue: anyData,
});

/** The last parameter that was changed. IEC 62056-6-2, class_id 65, version 0. */
export const ParameterMonitor = defineInterfaceClass({
  name: "Parameter monitor",
  classId: 65,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    changedParameter: attribute(2, changedParameter, { access: "get", dynamic: true }),
    captureTime: attribute(3, dateTimeType, { access: "get", dynamic: true }),
    parameterList: attribute(4, array(parameterListElement), { access: "getSet" }),
  },
  methods: {
    addParameter: method(1, parameterListElement),
    removeParameter: method(2, parameterListElement),
  },
});
