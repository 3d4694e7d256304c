import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  array,
  dateTimeDataType,
  doubleLongUnsigned,
  enumeration,
  integer,
  logicalNameType,
  structure,
  unsigned,
  type ValueOf,
} from "../model/types.js";

export const mbusLinkStatus = { none: 0, normal: 1, temporarilyInterrupted: 2, permanentlyInterrupted: 3 } as const;

export type MbusLinkStatus = (typeof mbusLinkStatus)[keyof typeof mbusLinkStatus];

export const broadcastFramesCounter = structure({
  clientId: unsigned,
  counter: doubleLongUnsigned,
  timeStamp: dateTimeDataType,
});

/** Which attribute changed last, and when. */
export const mbusCaptureTime = structure({ attributeId: unsigned, timeStamp: dateTimeDataType });

export type MbusCaptureTime = ValueOf<typeof mbusCaptureTime>;

/** How the link to a meter fares. IEC 62056-6-2, class_id 77, version 0. */
export const MbusDiagnostic = defineInterfaceClass({
  name: "M-Bus diagnostic",
  classId: 77,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** dBm without its sign; 0: not known, or a wired link. */
    receivedSignalStrength: attribute(2, unsigned, { access: "get", dynamic: true }),
    channelId: attribute(3, unsigned, { access: "get", dynamic: true }),
    linkStatus: attribute(4, enumeration(mbusLinkStatus), { access: "get", dynamic: true }),
    broadcastFramesCounter: attribute(5, array(broadcastFramesCounter), { access: "get", dynamic: true }),
    transmissionsCounter: attribute(6, doubleLongUnsigned, { access: "get", dynamic: true }),
    fcsOkFramesCounter: attribute(7, doubleLongUnsigned, { access: "get", dynamic: true }),
    fcsNokFramesCounter: attribute(8, doubleLongUnsigned, { access: "get", dynamic: true }),
    captureTime: attribute(9, mbusCaptureTime, { access: "get", dynamic: true }),
  },
  methods: {
    reset: method(1, integer),
  },
});
