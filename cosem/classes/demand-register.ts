import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  anyData,
  dateTimeType,
  doubleLongUnsigned,
  integer,
  logicalNameType,
  longUnsigned,
  numeric,
  scalUnitType,
} from "../model/types.js";

/** A demand averaged over periods. IEC 62056-6-2, class_id 5, version 0. */
export const DemandRegister = defineInterfaceClass({
  name: "Demand register",
  classId: 5,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    currentAverageValue: attribute(2, numeric, { access: "get", dynamic: true }),
    lastAverageValue: attribute(3, numeric, { access: "get", dynamic: true }),
    scalerUnit: attribute(4, scalUnitType, { access: "get" }),
    status: attribute(5, anyData, { access: "get", dynamic: true }),
    captureTime: attribute(6, dateTimeType, { access: "get", dynamic: true }),
    startTimeCurrent: attribute(7, dateTimeType, { access: "get", dynamic: true }),
    /** Seconds. */
    period: attribute(8, doubleLongUnsigned, { access: "getSet" }),
    numberOfPeriods: attribute(9, longUnsigned, { access: "getSet" }),
  },
  methods: {
    reset: method(1, integer),
    nextPeriod: method(2, integer),
  },
});
