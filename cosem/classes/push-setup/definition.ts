import { attribute, defineInterfaceClass, method } from "../../model/interface-class.js";
import {
  array,
  choice,
  dateTimeDataType,
  dateTimeType,
  doubleLongUnsigned,
  enumCode,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  nullType,
  octetString,
  structure,
  unsigned,
  type ValueOf,
} from "../../model/types.js";
import { captureObjectDefinition } from "../profile-generic/definition.js";

/** transport_service; 200 to 255 are the manufacturer's. */
export const transportService = {
  tcp: 0,
  udp: 1,
  ftp: 2,
  smtp: 3,
  sms: 4,
  hdlc: 5,
  mbus: 6,
  zigbee: 7,
  dlmsGateway: 8,
} as const;

export const restrictionType = { none: 0, byDate: 1, byEntry: 2 } as const;

export const pushRestriction = structure({
  type: enumeration(restrictionType),
  value: choice({
    none: nullType,
    byDate: structure({ fromDate: octetString(), toDate: octetString() }),
    byEntry: structure({ fromEntry: doubleLongUnsigned, toEntry: doubleLongUnsigned }),
  }),
});

export type PushRestriction = ValueOf<typeof pushRestriction>;

const pushObject = {
  classId: longUnsigned,
  logicalName: logicalNameType,
  attributeIndex: integer,
  dataIndex: longUnsigned,
} as const;

export const pushObjectV0 = structure(pushObject);
export const pushObjectV1 = structure({ ...pushObject, restriction: pushRestriction });
export const pushObjectV2 = structure({
  ...pushObject,
  restriction: pushRestriction,
  columns: array(captureObjectDefinition),
});

/** One element of push_object_list, whatever the version: no restriction and no columns where it has none. */
export type PushObject = ValueOf<typeof pushObjectV2>;

export const sendDestinationAndMethod = structure({
  transportService: enumCode,
  /** Text `host:port` for TCP and UDP. */
  destination: octetString(),
  message: enumCode,
});

export type SendDestinationAndMethod = ValueOf<typeof sendDestinationAndMethod>;

export const communicationWindow = structure({ startTime: dateTimeType, endTime: dateTimeType });

export type CommunicationWindow = ValueOf<typeof communicationWindow>;

export const repetitionDelay = structure({
  /** Seconds. */
  repetitionDelayMin: longUnsigned,
  /** Hundredths: 200 doubles the delay each time. */
  repetitionDelayExponent: longUnsigned,
  /** Seconds; 0: no limit. */
  repetitionDelayMax: longUnsigned,
});

export type RepetitionDelay = ValueOf<typeof repetitionDelay>;

export const pushProtectionType = {
  authentication: 0,
  encryption: 1,
  authenticationAndEncryption: 2,
  digitalSignature: 3,
} as const;

export const pushProtection = structure({
  protectionType: enumeration(pushProtectionType),
  protectionOptions: structure({
    transactionId: octetString(),
    originatorSystemTitle: octetString(),
    recipientSystemTitle: octetString(),
    otherInformation: octetString(),
    keyInfo: structure({
      type: enumeration({ identified: 0, wrapped: 1, agreed: 2 }),
      options: choice({
        identified: enumeration({ globalUnicastEncryption: 0, globalBroadcastEncryption: 1 }),
        wrapped: structure({ kekId: enumeration({ masterKey: 0 }), keyCipheredData: octetString() }),
        agreed: structure({ keyParameters: octetString(), keyCipheredData: octetString() }),
      }),
    }),
  }),
});

export type PushProtection = ValueOf<typeof pushProtection>;

export const pushOperationMethod = {
  unconfirmedRetryOnFailure: 0,
  unconfirmedRetryOnMissingConfirmation: 1,
  confirmed: 2,
} as const;

export type PushOperationMethod = (typeof pushOperationMethod)[keyof typeof pushOperationMethod];

export const confirmationParameters = structure({
  confirmationStartDate: dateTimeDataType,
  /** Seconds. */
  confirmationInterval: doubleLongUnsigned,
});

export type ConfirmationParameters = ValueOf<typeof confirmationParameters>;

/** Attributes 3 to 6, alike in all versions. */
const delivery = {
  sendDestinationAndMethod: attribute(3, sendDestinationAndMethod, { access: "getSet" }),
  communicationWindow: attribute(4, array(communicationWindow), { access: "getSet" }),
  /** Seconds. */
  randomisationStartInterval: attribute(5, longUnsigned, { access: "getSet" }),
  numberOfRetries: attribute(6, unsigned, { access: "getSet" }),
} as const;

/** Attributes 8 to 10, from version 1 on. */
const protection = {
  portReference: attribute(8, logicalNameType, { access: "getSet" }),
  pushClientSap: attribute(9, integer, { access: "getSet" }),
  pushProtectionParameters: attribute(10, array(pushProtection), { access: "getSet" }),
} as const;

const push = { push: method(1, integer) } as const;

/** IEC 62056-6-2, class_id 40, version 0. */
export const PushSetupV0 = defineInterfaceClass({
  name: "Push setup",
  classId: 40,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    pushObjectList: attribute(2, array(pushObjectV0), { access: "getSet" }),
    ...delivery,
    /** Seconds. */
    repetitionDelay: attribute(7, longUnsigned, { access: "getSet" }),
  },
  methods: push,
});

/** IEC 62056-6-2, class_id 40, version 1: restrictions, a client of its own, protection. */
export const PushSetupV1 = defineInterfaceClass({
  name: "Push setup",
  classId: 40,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    pushObjectList: attribute(2, array(pushObjectV1), { access: "getSet" }),
    ...delivery,
    /** Seconds. */
    repetitionDelay: attribute(7, longUnsigned, { access: "getSet" }),
    ...protection,
  },
  methods: push,
});

/** What is sent unasked, where to, when and how often. IEC 62056-6-2, class_id 40, version 2. */
export const PushSetup = defineInterfaceClass({
  name: "Push setup",
  classId: 40,
  version: 2,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    pushObjectList: attribute(2, array(pushObjectV2), { access: "getSet" }),
    ...delivery,
    repetitionDelay: attribute(7, repetitionDelay, { access: "getSet" }),
    ...protection,
    pushOperationMethod: attribute(11, enumeration(pushOperationMethod), { access: "getSet" }),
    confirmationParameters: attribute(12, confirmationParameters, { access: "getSet" }),
    lastConfirmationDateTime: attribute(13, dateTimeDataType, { access: "get", dynamic: true }),
  },
  methods: { ...push, reset: method(2, integer) },
});
