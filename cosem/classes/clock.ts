import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  boolean,
  dateTimeType,
  enumeration,
  integer,
  logicalNameType,
  long,
  structure,
  unsigned,
} from "../model/types.js";

/** Where the clock's pace comes from. */
export const clockBase = {
  notDefined: 0,
  internalCrystal: 1,
  mainsFrequency50Hz: 2,
  mainsFrequency60Hz: 3,
  gps: 4,
  radioControlled: 5,
} as const;

/**
 * Date and time with daylight saving. IEC 62056-6-2, class_id 8, version 0.
 * timeZone and the deviation in `time` have one sign: UTC = local + minutes (CET = -60).
 */
export const Clock = defineInterfaceClass({
  name: "Clock",
  classId: 8,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    time: attribute(2, dateTimeType, { access: "getSet", dynamic: true }),
    timeZone: attribute(3, long, { access: "getSet" }),
    status: attribute(4, unsigned, { access: "get", dynamic: true }),
    daylightSavingsBegin: attribute(5, dateTimeType, { access: "getSet" }),
    daylightSavingsEnd: attribute(6, dateTimeType, { access: "getSet" }),
    /** Minutes by which daylight saving time is ahead, -120 … 120. */
    daylightSavingsDeviation: attribute(7, integer, { access: "getSet" }),
    daylightSavingsEnabled: attribute(8, boolean, { access: "getSet" }),
    clockBase: attribute(9, enumeration(clockBase), { access: "getSet" }),
  },
  methods: {
    adjustToQuarter: method(1, integer),
    adjustToMeasuringPeriod: method(2, integer),
    adjustToMinute: method(3, integer),
    adjustToPresetTime: method(4, integer),
    presetAdjustingTime: method(
      5,
      structure({
        presetTime: dateTimeType,
        validityIntervalStart: dateTimeType,
        validityIntervalEnd: dateTimeType,
      }),
    ),
    /** Seconds, -900 … 900. */
    shiftTime: method(6, long),
  },
});
