/** Addresses of the machine, as far as the operating system tells them to anyone; asked anew each time. */
import { getServers } from "node:dns";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

export interface NetworkAddresses {
  /** Addresses as one number, the first octet the most significant; 0 where there is none. */
  readonly ipv4Address: number;
  readonly subnetMask: number;
  readonly gatewayAddress: number;
  readonly ipv4NameServers: readonly number[];
  /** 16 octets each. */
  readonly ipv6Addresses: readonly Uint8Array[];
  readonly ipv6NameServers: readonly Uint8Array[];
  /** 6 octets, all 0 where there is none. */
  readonly macAddress: Uint8Array;
}

/**
 * Of the interface that has `host`, or of the first that is not the loopback.
 * @param host  address that a door listens on
 */
export function networkAddresses(host: string): NetworkAddresses {
  const all = Object.entries(networkInterfaces()).map(([name, entries = []]) => ({ name, entries }));
  const outside = all.find(({ entries }) => entries.some(({ internal, family }) => !internal && family === "IPv4"));
  const chosen = all.find(({ entries }) => entries.some(({ address }) => address === host)) ?? outside;
  const ipv4 = chosen?.entries.find(({ family }) => family === "IPv4");
  const ipv6 = chosen?.entries.filter(({ family }) => family === "IPv6") ?? [];
  const servers = getServers();
  return {
    ipv4Address: ipv4Number(ipv4?.address ?? ""),
    subnetMask: ipv4Number(ipv4?.netmask ?? ""),
    gatewayAddress: chosen === undefined ? 0 : defaultGateway(chosen.name),
    ipv4NameServers: servers.map(ipv4Number).filter((address) => address !== 0),
    ipv6Addresses: ipv6.flatMap(({ address }) => ipv6Octets(address) ?? []),
    ipv6NameServers: servers.flatMap((address) => ipv6Octets(address) ?? []),
    macAddress: new Uint8Array(
      Buffer.from((chosen?.entries[0]?.mac ?? "").replaceAll(":", "").padStart(12, "0"), "hex"),
    ),
  };
}

/** 192.168.1.2 is 0xC0A80102; 0 for what is no such address. */
export function ipv4Number(address: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return 0;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Undefined for what is no IPv6 address. */
export function ipv6Octets(address: string): Uint8Array | undefined {
  const [plain = ""] = address.split("%");
  const halves = plain.split("::");
  if (!plain.includes(":") || !/^[0-9a-fA-F:]+$/.test(plain) || halves.length > 2) return undefined;
  const [head, tail] = [wordsOf(halves[0]), wordsOf(halves[1])];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const words = [...head, ...new Array<number>(missing).fill(0), ...tail];
  if (words.some((word) => word > 0xffff)) return undefined;
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

function wordsOf(half: string | undefined): readonly number[] {
  return half === undefined || half === "" ? [] : half.split(":").map((word) => Number.parseInt(word, 16));
}

/** Linux alone tells it in a file: interface, destination, gateway … in hex, the last octet first. */
function defaultGateway(interfaceName: string): number {
  try {
    const lines = readFileSync("/proc/net/route", "latin1")
      .split("\n")
      .map((line) => line.split("\t"));
    const route = lines.find(([name, destination]) => name === interfaceName && destination === "00000000");
    return Buffer.from((route?.[2] ?? "").padStart(8, "0"), "hex").readUInt32LE();
  } catch {
    return 0;
  }
}
