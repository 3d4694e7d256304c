import { attribute, defineInterfaceClass } from "../../model/interface-class.js";
import { array, enumeration, logicalNameType, octetString, structure, type ValueOf } from "../../model/types.js";
import { scriptReference } from "../script-table.js";

/** What execution_time may hold, by the Blue Book's number. */
export const scheduleType = {
  /** One entry, wildcards in the date allowed. */
  oneWithWildcards: 1,
  /** All entries at one time of day, no wildcards in the dates. */
  sameTimeFixedDates: 2,
  /** All entries at one time of day, wildcards in the dates allowed. */
  sameTimeWildcards: 3,
  /** Times may differ, no wildcards in the dates. */
  differentTimesFixedDates: 4,
  /** Times may differ, wildcards in the dates allowed. */
  differentTimesWildcards: 5,
} as const;

export type ScheduleType = (typeof scheduleType)[keyof typeof scheduleType];

/** time: hour, minute, second, hundredths; date: year (2), month, day, day of week; FF where not specified. */
export const executionTime = structure({ time: octetString(4), date: octetString(5) });

export type ExecutionTime = ValueOf<typeof executionTime>;

/** Runs one script at given times. IEC 62056-6-2, class_id 22, version 0. */
export const SingleActionSchedule = defineInterfaceClass({
  name: "Single action schedule",
  classId: 22,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    executedScript: attribute(2, scriptReference, { access: "getSet" }),
    type: attribute(3, enumeration(scheduleType), { access: "getSet" }),
    executionTime: attribute(4, array(executionTime), { access: "getSet" }),
  },
  methods: {},
});
