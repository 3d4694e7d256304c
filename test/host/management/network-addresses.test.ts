import { expect, it } from "vitest";
import { fromHex } from "../../../cosem/index.js";
import { ipv4Number, ipv6Octets, networkAddresses } from "../../../src/host/management/network-addresses.js";

it("writes an IPv4 address as one number, the first octet the most significant", () => {
  // PRODUCT.md E7: IP 192.168.1.2 = 0xC0A80102.
  expect(ipv4Number("192.168.1.2")).toBe(0xc0a80102);
  expect(ipv4Number("255.255.255.255")).toBe(0xffffffff);
  for (const none of ["", "1.2.3", "1.2.3.256", "::1", "a.b.c.d"]) expect(ipv4Number(none)).toBe(0);
});

it("writes an IPv6 address as its 16 octets", () => {
  expect(ipv6Octets("::1")).toEqual(fromHex("00000000000000000000000000000001"));
  expect(ipv6Octets("fe80::1234:5678%eth0")).toEqual(fromHex("fe800000000000000000000012345678"));
  expect(ipv6Octets("2001:db8:0:1:2:3:4:5")).toEqual(fromHex("20010db8000000010002000300040005"));
  expect(ipv6Octets("2001:db8::")).toEqual(fromHex("20010db8000000000000000000000000"));
  for (const none of ["", "1.2.3.4", "1:2", "::1::2", "12345::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9"]) {
    expect(ipv6Octets(none)).toBeUndefined();
  }
});

it("takes the addresses of the interface that the door listens on", () => {
  const { ipv4Address, subnetMask, macAddress } = networkAddresses("127.0.0.1");
  expect([ipv4Address, subnetMask]).toEqual([0x7f000001, 0xff000000]);
  expect(macAddress).toHaveLength(6);
});
