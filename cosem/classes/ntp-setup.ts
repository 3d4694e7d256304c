import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  array,
  boolean,
  doubleLongUnsigned,
  enumeration,
  integer,
  logicalNameType,
  longUnsigned,
  octetString,
  octetText,
  structure,
  type ValueOf,
} from "../model/types.js";

export const ntpAuthenticationMethod = { none: 0, sharedSecrets: 1, autokeyIff: 2 } as const;

export const ntpAuthenticationKey = structure({ keyId: doubleLongUnsigned, key: octetString() });

export type NtpAuthenticationKey = ValueOf<typeof ntpAuthenticationKey>;

/** The time server. IEC 62056-6-2, class_id 100, version 0. */
export const NtpSetup = defineInterfaceClass({
  name: "NTP setup",
  classId: 100,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    activated: attribute(2, boolean, { access: "getSet" }),
    /** Host name or address as text. */
    serverAddress: attribute(3, octetText, { access: "getSet" }),
    serverPort: attribute(4, longUnsigned, { access: "getSet" }),
    authenticationMethod: attribute(5, enumeration(ntpAuthenticationMethod), { access: "getSet" }),
    /** Holds keys: our instances do not read it out. */
    authenticationKeys: attribute(6, array(ntpAuthenticationKey), { access: "getSet" }),
    clientKey: attribute(7, octetString(), { access: "getSet" }),
  },
  methods: {
    synchronize: method(1, integer),
    addAuthenticationKey: method(2, ntpAuthenticationKey),
    deleteAuthenticationKey: method(3, doubleLongUnsigned),
  },
});
