import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  anyData,
  array,
  doubleLongUnsigned,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  octetString,
  structure,
  unsigned,
  type ValueOf,
} from "../model/types.js";

/** Which record a value of the channel is: DIB and VIB as EN 13757-3 has them. */
export const captureDefinitionElement = structure({
  dataInformationBlock: octetString(),
  valueInformationBlock: octetString(),
});

export type CaptureDefinitionElement = ValueOf<typeof captureDefinitionElement>;

/** A record to be sent to the meter. */
export const mbusDataElement = structure({
  dataInformationBlock: octetString(),
  valueInformationBlock: octetString(),
  data: anyData,
});

export type MbusDataElement = ValueOf<typeof mbusDataElement>;

export const encryptionKeyStatus = {
  noEncryptionKey: 0,
  encryptionKeySet: 1,
  encryptionKeyTransferred: 2,
  encryptionKeySetAndTransferred: 3,
  encryptionKeyInUse: 4,
} as const;

export type EncryptionKeyStatus = (typeof encryptionKeyStatus)[keyof typeof encryptionKeyStatus];

const common = {
  logicalName: attribute(1, logicalNameType, { access: "get" }),
  /** The M-Bus master port setup that the meter hangs on. */
  mbusPortReference: attribute(2, logicalNameType, { access: "getSet" }),
  captureDefinition: attribute(3, array(captureDefinitionElement), { access: "getSet" }),
  /** Seconds; 0: by capture() or as the gateway's own cycle has it. */
  capturePeriod: attribute(4, doubleLongUnsigned, { access: "getSet" }),
  primaryAddress: attribute(5, unsigned, { access: "getSet", dynamic: true }),
  /** The eight digits as BCD in one number: 0x12345678. */
  identificationNumber: attribute(6, doubleLongUnsigned, { access: "getSet", dynamic: true }),
  manufacturerId: attribute(7, longUnsigned, { access: "getSet", dynamic: true }),
  version: attribute(8, unsigned, { access: "getSet", dynamic: true }),
  deviceType: attribute(9, unsigned, { access: "getSet", dynamic: true }),
  accessNumber: attribute(10, unsigned, { access: "get", dynamic: true }),
  status: attribute(11, unsigned, { access: "get", dynamic: true }),
  alarm: attribute(12, unsigned, { access: "get", dynamic: true }),
} as const;

const methods = {
  /** With the primary address to give; 0: the next free one. */
  slaveInstall: method(1, unsigned),
  slaveDeinstall: method(2, integer),
  capture: method(3, integer),
  resetAlarm: method(4, integer),
  synchronizeClock: method(5, integer),
  dataSend: method(6, array(mbusDataElement)),
  setEncryptionKey: method(7, octetString()),
  transferKey: method(8, octetString()),
} as const;

/** One M-Bus meter as a channel. IEC 62056-6-2, class_id 72, version 0. */
export const MbusClientV0 = defineInterfaceClass({
  name: "M-Bus client",
  classId: 72,
  version: 0,
  attributes: common,
  methods,
});

/** One M-Bus meter as a channel. IEC 62056-6-2, class_id 72, version 1. */
export const MbusClient = defineInterfaceClass({
  name: "M-Bus client",
  classId: 72,
  version: 1,
  attributes: {
    ...common,
    /** The configuration word of the meter's header. */
    configuration: attribute(13, longUnsigned, { access: "get", dynamic: true }),
    encryptionKeyStatus: attribute(14, enumeration(encryptionKeyStatus), { access: "get", dynamic: true }),
  },
  methods,
});
