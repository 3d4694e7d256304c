/**
 * The way to the network: TCP-UDP, IPv4, IPv6, MAC address and NTP setup, read-only: the operating system keeps these
 * settings. There is no PPP or GPRS setup while the gateway drives no modem.
 */
import {
  type CosemObject,
  createIpv4Setup,
  createIpv6Setup,
  createMacAddressSetup,
  createNtpSetup,
  createTcpUdpSetup,
  ipv6AddressConfigMode,
  logicalName,
  ntpAuthenticationMethod,
} from "../../../cosem/index.js";
import { dataObject } from "./data-objects.js";
import type { NetworkAddresses } from "./network-addresses.js";

export interface NetworkParts {
  addresses(): NetworkAddresses;
  /** TCP port of the DLMS wrapper. */
  port(): number;
  readonly maxConnections: number;
  readonly idleTimeoutSeconds: number;
}

/** 0-0:96.128.0*255. */
export function createIpAddress({ addresses }: NetworkParts): CosemObject {
  return dataObject("0-0:96.128.0*255", () => ({ type: "double-long-unsigned", value: addresses().ipv4Address }));
}

const names = {
  tcp: logicalName("0-0:25.0.0*255"),
  ipv4: logicalName("0-0:25.1.0*255"),
  mac: logicalName("0-0:25.2.0*255"),
  ipv6: logicalName("0-0:25.7.0*255"),
  ntp: logicalName("0-0:25.10.0*255"),
} as const;

/** Ethernet's 1500 octets less two headers. */
const maximumSegmentSize = 1460;
const ntpPort = 123;

export function createNetworkObjects(parts: NetworkParts): readonly CosemObject[] {
  const { addresses } = parts;
  const noAddress = new Uint8Array(0);
  return [
    createTcpUdpSetup({
      logicalName: names.tcp,
      values: () => ({
        tcpUdpPort: parts.port(),
        ipReference: names.ipv4,
        maximumSegmentSize,
        numberOfSimultaneousConnections: Math.min(255, parts.maxConnections),
        inactivityTimeOut: Math.min(0xffff, parts.idleTimeoutSeconds),
      }),
    }),
    createIpv4Setup({
      logicalName: names.ipv4,
      values() {
        const { ipv4Address, subnetMask, gatewayAddress, ipv4NameServers } = addresses();
        return {
          dlReference: names.mac,
          ipAddress: ipv4Address,
          multicastIpAddress: [],
          ipOptions: [],
          subnetMask,
          gatewayIpAddress: gatewayAddress,
          // How it came by its address is not told to us.
          useDhcpFlag: false,
          primaryDnsAddress: ipv4NameServers[0] ?? 0,
          secondaryDnsAddress: ipv4NameServers[1] ?? 0,
        };
      },
    }),
    createIpv6Setup({
      logicalName: names.ipv6,
      values() {
        const { ipv6Addresses, ipv6NameServers } = addresses();
        return {
          dlReference: names.mac,
          addressConfigMode: ipv6AddressConfigMode.autoConfiguration,
          unicastIpv6Addresses: ipv6Addresses,
          multicastIpv6Addresses: [],
          gatewayIpv6Addresses: [],
          primaryDnsAddress: ipv6NameServers[0] ?? noAddress,
          secondaryDnsAddress: ipv6NameServers[1] ?? noAddress,
          trafficClass: 0,
          neighborDiscoverySetup: [],
        };
      },
    }),
    createMacAddressSetup({ logicalName: names.mac, values: () => ({ macAddress: addresses().macAddress }) }),
    // No time server of our own yet: the operating system keeps the clock.
    createNtpSetup({
      logicalName: names.ntp,
      values: () => ({
        activated: false,
        serverAddress: "",
        serverPort: ntpPort,
        authenticationMethod: ntpAuthenticationMethod.none,
        authenticationKeys: [],
        clientKey: noAddress,
      }),
    }),
  ];
}
