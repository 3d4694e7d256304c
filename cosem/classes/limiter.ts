import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import {
  array,
  boolean,
  dateTimeType,
  doubleLongUnsigned,
  logicalNameType,
  longUnsigned,
  numeric,
  structure,
} from "../model/types.js";
import { valueDefinition } from "./register-monitor/definition.js";
import { scriptReference } from "./script-table.js";

/** Acts when a value stays above its limit. IEC 62056-6-2, class_id 71, version 0. */
export const Limiter = defineInterfaceClass({
  name: "Limiter",
  classId: 71,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    monitoredValue: attribute(2, valueDefinition, { access: "getSet" }),
    thresholdActive: attribute(3, numeric, { access: "get", dynamic: true }),
    thresholdNormal: attribute(4, numeric, { access: "getSet" }),
    thresholdEmergency: attribute(5, numeric, { access: "getSet" }),
    /** Seconds. */
    minOverThresholdDuration: attribute(6, doubleLongUnsigned, { access: "getSet" }),
    minUnderThresholdDuration: attribute(7, doubleLongUnsigned, { access: "getSet" }),
    emergencyProfile: attribute(
      8,
      structure({
        emergencyProfileId: longUnsigned,
        emergencyActivationTime: dateTimeType,
        emergencyDuration: doubleLongUnsigned,
      }),
      { access: "getSet" },
    ),
    emergencyProfileGroupIdList: attribute(9, array(longUnsigned), { access: "getSet" }),
    emergencyProfileActive: attribute(10, boolean, { access: "get", dynamic: true }),
    actions: attribute(11, structure({ actionOverThreshold: scriptReference, actionUnderThreshold: scriptReference }), {
      access: "getSet",
    }),
  },
  methods: {},
});
