import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import {
  array,
  dateTimeDataType,
  doubleLongUnsigned,
  enumCode,
  logicalNameType,
  longUnsigned,
  structure,
  unsigned,
  visibleString,
} from "../model/types.js";

export const gsmCellInfoV0 = structure({
  cellId: longUnsigned,
  locationId: longUnsigned,
  /** 0 … 31, 99 unknown. */
  signalQuality: unsigned,
  bitErrorRate: unsigned,
});

export const gsmCellInfo = structure({
  cellId: doubleLongUnsigned,
  locationId: longUnsigned,
  signalQuality: unsigned,
  bitErrorRate: unsigned,
  mobileCountryCode: longUnsigned,
  mobileNetworkCode: longUnsigned,
  channelNumber: doubleLongUnsigned,
});

const common = {
  logicalName: attribute(1, logicalNameType, { access: "get" }),
  operator: attribute(2, visibleString, { access: "get", dynamic: true }),
  /** 0 not registered, 1 home network, 2 searching, 3 denied, 4 unknown, 5 roaming. */
  status: attribute(3, enumCode, { access: "get", dynamic: true }),
  /** 0 inactive, 1 incoming call, 2 active. */
  csAttachment: attribute(4, enumCode, { access: "get", dynamic: true }),
  /** 0 inactive, 1 GPRS, 2 EDGE, 3 UMTS, 4 HSDPA, 5 LTE, 6 CDMA. */
  psStatus: attribute(5, enumCode, { access: "get", dynamic: true }),
  captureTime: attribute(8, dateTimeDataType, { access: "get", dynamic: true }),
} as const;

/** State of a cellular modem. IEC 62056-6-2, class_id 47, version 0. */
export const GsmDiagnosticV0 = defineInterfaceClass({
  name: "GSM diagnostic",
  classId: 47,
  version: 0,
  attributes: {
    ...common,
    cellInfo: attribute(6, gsmCellInfoV0, { access: "get", dynamic: true }),
    adjacentCells: attribute(7, array(structure({ cellId: longUnsigned, signalQuality: unsigned })), {
      access: "get",
      dynamic: true,
    }),
  },
  methods: {},
});

/** State of a cellular modem. IEC 62056-6-2, class_id 47, version 1. */
export const GsmDiagnostic = defineInterfaceClass({
  name: "GSM diagnostic",
  classId: 47,
  version: 1,
  attributes: {
    ...common,
    cellInfo: attribute(6, gsmCellInfo, { access: "get", dynamic: true }),
    adjacentCells: attribute(7, array(structure({ cellId: doubleLongUnsigned, signalQuality: unsigned })), {
      access: "get",
      dynamic: true,
    }),
  },
  methods: {},
});
