import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  anyData,
  array,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  structure,
  type ValueOf,
} from "../model/types.js";

export const scriptService = { writeAttribute: 1, executeMethod: 2 } as const;

/** One step of a script: `parameter` is the value to be written, or what the method is called with. */
export const actionSpecification = structure({
  serviceId: enumeration(scriptService),
  classId: longUnsigned,
  logicalName: logicalNameType,
  index: integer,
  parameter: anyData,
});

export type ActionSpecification = ValueOf<typeof actionSpecification>;

export const script = structure({ scriptIdentifier: longUnsigned, actions: array(actionSpecification) });

export type Script = ValueOf<typeof script>;

/** How other classes name a script: Single action schedule, Register monitor, Limiter, Parameter monitor. */
export const scriptReference = structure({ scriptLogicalName: logicalNameType, scriptSelector: longUnsigned });

export type ScriptReference = ValueOf<typeof scriptReference>;

/** Lists of actions, each run by its number. IEC 62056-6-2, class_id 9, version 0. */
export const ScriptTable = defineInterfaceClass({
  name: "Script table",
  classId: 9,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    scripts: attribute(2, array(script), { access: "getSet" }),
  },
  methods: {
    execute: method(1, longUnsigned),
  },
});
