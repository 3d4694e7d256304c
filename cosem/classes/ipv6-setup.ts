import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  array,
  doubleLongUnsigned,
  enumeration,
  logicalNameType,
  longUnsigned,
  octetString,
  structure,
  unsigned,
  type ValueOf,
} from "../model/types.js";

export const ipv6AddressConfigMode = { autoConfiguration: 0, dhcpv6: 1, manual: 2, neighbourDiscovery: 3 } as const;

export const ipv6AddressType = { unicast: 0, multicast: 1, gateway: 2 } as const;

export const neighborDiscoverySetup = structure({
  /** Router solicitations sent at most. */
  rsMaxRetry: unsigned,
  /** Milliseconds between two of them. */
  rsRetryWaitTime: longUnsigned,
  /** Seconds between router advertisements. */
  raSendPeriod: doubleLongUnsigned,
});

/** Whose list of addresses is meant, and the 16 octets of one. */
export const ipv6Address = structure({ addressType: enumeration(ipv6AddressType), address: octetString(16) });

export type Ipv6Address = ValueOf<typeof ipv6Address>;

/** Addresses are their 16 octets; a name server that is not set has none. IEC 62056-6-2, class_id 48, version 0. */
export const Ipv6Setup = defineInterfaceClass({
  name: "IPv6 setup",
  classId: 48,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    dlReference: attribute(2, logicalNameType, { access: "getSet" }),
    addressConfigMode: attribute(3, enumeration(ipv6AddressConfigMode), { access: "getSet" }),
    unicastIpv6Addresses: attribute(4, array(octetString(16)), { access: "getSet", dynamic: true }),
    multicastIpv6Addresses: attribute(5, array(octetString(16)), { access: "getSet", dynamic: true }),
    gatewayIpv6Addresses: attribute(6, array(octetString(16)), { access: "getSet", dynamic: true }),
    primaryDnsAddress: attribute(7, octetString(), { access: "getSet", dynamic: true }),
    secondaryDnsAddress: attribute(8, octetString(), { access: "getSet", dynamic: true }),
    /** 0 … 63. */
    trafficClass: attribute(9, unsigned, { access: "getSet" }),
    neighborDiscoverySetup: attribute(10, array(neighborDiscoverySetup), { access: "getSet" }),
  },
  methods: {
    addIpv6Address: method(1, ipv6Address),
    removeIpv6Address: method(2, ipv6Address),
  },
});
