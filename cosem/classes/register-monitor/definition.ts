import { attribute, defineInterfaceClass } from "../../model/interface-class.js";
import { array, integer, logicalNameType, longUnsigned, numeric, structure, type ValueOf } from "../../model/types.js";
import { scriptReference } from "../script-table.js";

/** Which attribute is watched. */
export const valueDefinition = structure({
  classId: longUnsigned,
  logicalName: logicalNameType,
  attributeIndex: integer,
});

export type ValueDefinition = ValueOf<typeof valueDefinition>;

/** Scripts of one threshold: the value has passed it upwards, or downwards. */
export const actionSet = structure({ actionUp: scriptReference, actionDown: scriptReference });

export type ActionSet = ValueOf<typeof actionSet>;

/** Runs scripts when a value passes thresholds. IEC 62056-6-2, class_id 21, version 0. */
export const RegisterMonitor = defineInterfaceClass({
  name: "Register monitor",
  classId: 21,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** Of the type and scale of the watched value. */
    thresholds: attribute(2, array(numeric), { access: "getSet" }),
    monitoredValue: attribute(3, valueDefinition, { access: "getSet" }),
    /** One for each threshold, in the same order. */
    actions: attribute(4, array(actionSet), { access: "getSet" }),
  },
  methods: {},
});
