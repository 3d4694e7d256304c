import { attribute, defineInterfaceClass } from "../model/interface-class.js";
import {
  anyData,
  array,
  boolean,
  choice,
  logicalNameType,
  nullType,
  octetString,
  structure,
  unsigned,
} from "../model/types.js";

/** An option of the link or of the address negotiation (RFC 1661, RFC 1332); its data depends on the type. */
export const pppOption = structure({ type: unsigned, length: unsigned, data: anyData });

/** What the authentication chosen in the link options needs. */
export const pppAuthentication = choice({
  none: nullType,
  pap: structure({ userName: octetString(), password: octetString() }),
  chap: structure({ userName: octetString(), algorithmId: unsigned }),
  eap: structure({ md5Challenge: boolean, oneTimePassword: boolean, genericTokenCard: boolean }),
});

/** The point-to-point link of a modem. IEC 62056-6-2, class_id 44, version 0. */
export const PppSetup = defineInterfaceClass({
  name: "PPP setup",
  classId: 44,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    phyReference: attribute(2, logicalNameType, { access: "getSet" }),
    lcpOptions: attribute(3, array(pppOption), { access: "getSet" }),
    ipcpOptions: attribute(4, array(pppOption), { access: "getSet" }),
    /** Holds a password: an instance that reads it out shows it without one. */
    pppAuthentication: attribute(5, pppAuthentication, { access: "getSet" }),
  },
  methods: {},
});
