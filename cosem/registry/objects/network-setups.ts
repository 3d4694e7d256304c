/** Objects of the way to the network: classes 41 to 45, 48 and 100. Values and changes are the settings'. */
import {
  GprsModemSetup,
  Ipv4Setup,
  type Ipv6Address,
  Ipv6Setup,
  ipv6AddressType,
  MacAddressSetup,
  type NtpAuthenticationKey,
  NtpSetup,
  PppSetup,
  TcpUdpSetup,
} from "../../classes/index.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import type { ObjectHandlers } from "../object.js";
import { refused } from "../refused.js";
import { createSetup, type SetupParts } from "./setup.js";

const isPort = (port: number) => port > 0;
const largestTrafficClass = 63;
const mostAddresses = 16;
const mostKeys = 16;

/** 0-0:25.0.0*255. */
export function createTcpUdpSetup(parts: SetupParts<typeof TcpUdpSetup>): CosemObject {
  return createSetup(TcpUdpSetup, parts, { limits: { tcpUdpPort: isPort } });
}

/** 0-0:25.1.0*255. Its methods are offered where multicastIpAddress is writable. */
export function createIpv4Setup(parts: SetupParts<typeof Ipv4Setup>): CosemObject {
  const { change } = parts;
  const isMulticast = (address: number) => address >>> 28 === 0xe;
  const addresses = () => parts.values().multicastIpAddress;
  const isChangeable = change !== undefined && parts.writable?.includes("multicastIpAddress") === true;

  function add(address: number, context: AccessContext): Answer<undefined | Refused> {
    const isFull = addresses().length >= mostAddresses;
    if (!isMulticast(address) || isFull || addresses().includes(address)) return refused.scopeOfAccessViolated;
    return change?.({ multicastIpAddress: [...addresses(), address] }, context);
  }

  function remove(address: number, context: AccessContext): Answer<undefined | Refused> {
    if (!addresses().includes(address)) return refused.scopeOfAccessViolated;
    return change?.({ multicastIpAddress: addresses().filter((other) => other !== address) }, context);
  }

  return createSetup(Ipv4Setup, parts, {
    limits: { multicastIpAddress: (list) => list.length <= mostAddresses && list.every(isMulticast) },
    methods: {
      ...(isChangeable ? { addMcIpAddress: add, deleteMcIpAddress: remove } : {}),
      getNumberOfMcIpAddresses: () => addresses().length,
    },
  });
}

type Ipv6Lists = "unicastIpv6Addresses" | "multicastIpv6Addresses" | "gatewayIpv6Addresses";

const ipv6ListOf: Readonly<Record<Ipv6Address["addressType"], Ipv6Lists>> = {
  [ipv6AddressType.unicast]: "unicastIpv6Addresses",
  [ipv6AddressType.multicast]: "multicastIpv6Addresses",
  [ipv6AddressType.gateway]: "gatewayIpv6Addresses",
};

/** 0-0:25.7.0*255. Its methods are offered where a list of addresses is writable. */
export function createIpv6Setup(parts: SetupParts<typeof Ipv6Setup>): CosemObject {
  const { change, writable = [] } = parts;
  const isSame = (one: Uint8Array, other: Uint8Array) => one.every((octet, index) => octet === other[index]);
  const isWritable = (list: Ipv6Lists) => writable.includes(list);

  function add({ addressType, address }: Ipv6Address, context: AccessContext): Answer<undefined | Refused> {
    const name = ipv6ListOf[addressType];
    const list = parts.values()[name];
    if (!isWritable(name)) return refused.readWriteDenied;
    const isThere = list.some((other) => isSame(other, address));
    if (isThere || list.length >= mostAddresses) return refused.scopeOfAccessViolated;
    return change?.({ [name]: [...list, address] }, context);
  }

  function remove({ addressType, address }: Ipv6Address, context: AccessContext): Answer<undefined | Refused> {
    const name = ipv6ListOf[addressType];
    const list = parts.values()[name];
    if (!isWritable(name)) return refused.readWriteDenied;
    const left = list.filter((other) => !isSame(other, address));
    return left.length === list.length ? refused.scopeOfAccessViolated : change?.({ [name]: left }, context);
  }

  const isList = (list: readonly Uint8Array[]) => list.length <= mostAddresses;
  const isNameServer = ({ length }: Uint8Array) => length === 0 || length === 16;
  const isChangeable = change !== undefined && Object.values(ipv6ListOf).some(isWritable);
  return createSetup(Ipv6Setup, parts, {
    limits: {
      unicastIpv6Addresses: isList,
      multicastIpv6Addresses: isList,
      gatewayIpv6Addresses: isList,
      primaryDnsAddress: isNameServer,
      secondaryDnsAddress: isNameServer,
      trafficClass: (value) => value <= largestTrafficClass,
    },
    ...(isChangeable ? { methods: { addIpv6Address: add, removeIpv6Address: remove } } : {}),
  });
}

/** 0-0:25.2.0*255. */
export function createMacAddressSetup(parts: SetupParts<typeof MacAddressSetup>): CosemObject {
  return createSetup(MacAddressSetup, parts, { limits: { macAddress: ({ length }) => length === 6 || length === 8 } });
}

/** 0-0:25.3.0*255. A password is written, never read: it shows as empty. */
export function createPppSetup(parts: SetupParts<typeof PppSetup>): CosemObject {
  return createSetup(PppSetup, parts, {
    shown: {
      pppAuthentication: (value) =>
        value.choice === "pap" ? { ...value, value: { ...value.value, password: new Uint8Array() } } : value,
    },
  });
}

/** 0-0:25.4.0*255. The PIN is written, never read. */
export function createGprsModemSetup(parts: SetupParts<typeof GprsModemSetup>): CosemObject {
  return createSetup(GprsModemSetup, parts, { hidden: ["pinCode"], limits: { pinCode: (pin) => pin <= 9999 } });
}

export interface NtpSetupParts extends SetupParts<typeof NtpSetup> {
  /** Asks the time server now; without it the method is listed without access. */
  readonly synchronize?: (context: AccessContext) => Answer<undefined | Refused>;
}

/** 0-0:25.10.0*255. Keys are written, never read: their numbers show, the keys are empty. */
export function createNtpSetup(parts: NtpSetupParts): CosemObject {
  const { synchronize, change } = parts;
  const keys = () => parts.values().authenticationKeys;
  const isChangeable = change !== undefined && parts.writable?.includes("authenticationKeys") === true;

  function addKey(key: NtpAuthenticationKey, context: AccessContext): Answer<undefined | Refused> {
    const others = keys().filter(({ keyId }) => keyId !== key.keyId);
    if (others.length >= mostKeys || key.key.length === 0) return refused.scopeOfAccessViolated;
    return change?.({ authenticationKeys: [...others, key] }, context);
  }

  function deleteKey(keyId: number, context: AccessContext): Answer<undefined | Refused> {
    const left = keys().filter((key) => key.keyId !== keyId);
    if (left.length === keys().length) return refused.scopeOfAccessViolated;
    return change?.({ authenticationKeys: left }, context);
  }

  const keyMethods: ObjectHandlers<typeof NtpSetup>["methods"] = isChangeable
    ? { addAuthenticationKey: addKey, deleteAuthenticationKey: deleteKey }
    : {};
  return createSetup(NtpSetup, parts, {
    hidden: ["clientKey"],
    shown: { authenticationKeys: (list) => list.map(({ keyId }) => ({ keyId, key: new Uint8Array() })) },
    limits: { serverPort: isPort, authenticationKeys: (list) => list.length <= mostKeys },
    methods: { synchronize: synchronize && ((_, context) => synchronize(context)), ...keyMethods },
  });
}
