/** What class methods tell their ports, and what they refuse to tell them. */
import { describe, expect, it } from "vitest";
import { createClock, type Data, decodeData, fromHex, refused, toHex } from "../../../cosem/index.js";
import { createEveryObject } from "../../support/every-object.js";
import { dataOf, everything, management, methodTarget, registryOf, target } from "./fixture.js";

function every() {
  const { registry, device, principal, told } = createEveryObject();
  return {
    told,
    invoke: (object: string, index: number, hex: string) =>
      registry.invoke(methodTarget(device, object, index), decodeData(fromHex(hex)), principal),
    write: (object: string, index: number, hex: string) =>
      registry.write(target(device, object, index), decodeData(fromHex(hex)), principal),
    hex(object: string, index: number) {
      const answer = registry.read(target(device, object, index), principal);
      return answer instanceof Promise || !answer.ok ? answer : dataOf(answer);
    },
  };
}

const done = { ok: true, value: undefined };
const channel = "72:0-2:24.1.0*255";
const octets = (hex: string): Data => ({ type: "octet-string", value: fromHex(hex) });

describe("an M-Bus channel", () => {
  it.each([
    [1, "1105", "install 5"],
    [2, "0f00", "deinstall"],
    [3, "0f00", "capture"],
    [4, "0f00", "reset alarm"],
    [5, "0f00", "synchronize clock"],
    [6, "010102030901060902fd17060000ffff", "send data [object Object]"],
    [7, `0910${"0f".repeat(16)}`, `set encryption key ${Array(16).fill(15).join()}`],
    [7, "0900", "set encryption key "],
    [8, "09020102", "transfer key 1,2"],
  ])("passes method %i on", (index, hex, expected) => {
    const { invoke, told } = every();
    expect(invoke(channel, index, hex)).toEqual(done);
    expect(told.map((line) => line.replace(" undefined", " "))).toEqual([expected]);
  });

  it.each([
    ["an address that no meter has", 1, "11fb"],
    ["nothing to send", 6, "0100"],
    ["a record without VIF", 6, "010102030901060900060000ffff"],
    ["a DIB that is too long", 6, `01010203090c${"ff".repeat(12)}090106060000ffff`],
    ["a key of 15 octets", 7, `090f${"0f".repeat(15)}`],
    ["an empty wrapped key", 8, "0900"],
  ])("refuses %s", (_, index, hex) => {
    const { invoke, told } = every();
    expect(invoke(channel, index, hex)).toBe(refused.scopeOfAccessViolated);
    expect(told).toEqual([]);
  });

  it("has two attributes more in version 1", () => {
    const { hex } = every();
    expect(hex(channel, 14)).toEqual({ type: "enum", value: 0 });
    expect(hex("72:0-1:24.1.0*255", 12)).toEqual({ type: "unsigned", value: 0 });
    expect(hex("72:0-1:24.1.0*255", 13)).toBe(refused.readWriteDenied);
    expect(hex(channel, 6)).toEqual({ type: "double-long-unsigned", value: 0x12345678 });
  });

  it("refuses a primary address out of range", () => {
    expect(every().write(channel, 5, "11fb")).toBe(refused.scopeOfAccessViolated);
  });
});

describe("setup objects", () => {
  it.each([
    ["TCP port 0", "41:0-0:25.0.0*255", 2, "120000"],
    ["a unicast address in the multicast list", "42:0-0:25.1.0*255", 4, "010106c0a80001"],
    ["a traffic class of more than six bits", "48:0-0:25.7.0*255", 9, "1140"],
    ["a name server of 4 octets", "48:0-0:25.7.0*255", 7, "090401020304"],
    ["a MAC address of 5 octets", "43:0-0:25.2.0*255", 2, "09050102030405"],
    ["a PIN of five digits", "45:0-0:25.4.0*255", 3, "122710"],
    ["an HDLC window of 8", "23:0-0:22.0.0*255", 3, "1108"],
    ["an information field of 31", "23:0-0:22.0.0*255", 5, "12001f"],
    ["an information field of 2031", "23:0-0:22.0.0*255", 6, "1207ef"],
    ["an inter-octet time of 19 ms", "23:0-0:22.0.0*255", 7, "120013"],
    ["a speed that has no code", "74:0-0:24.6.0*255", 2, "160a"],
    ["a bus address of 251", "25:0-0:24.0.0*255", 5, "11fb"],
    ["NTP port 0", "100:0-0:25.10.0*255", 4, "120000"],
  ])("refuse %s", (_, object, index, hex) => {
    const { write, told } = every();
    expect(write(object, index, hex)).toBe(refused.scopeOfAccessViolated);
    expect(told).toEqual([]);
  });

  it("hand changes to who keeps them, and read what is kept", () => {
    const { write, told, hex } = every();
    expect(write("41:0-0:25.0.0*255", 2, "1207d0")).toEqual({ ok: true });
    expect(told).toEqual(["TCP-UDP setup: tcpUdpPort"]);
    expect(hex("41:0-0:25.0.0*255", 2)).toEqual({ type: "long-unsigned", value: 2000 });
  });

  it("never read out secrets", () => {
    const { hex } = every();
    expect(hex("44:0-0:25.3.0*255", 5)).toEqual({ type: "structure", value: [octets("75"), octets("")] });
    expect(hex("45:0-0:25.4.0*255", 3)).toBe(refused.readWriteDenied);
    expect(hex("100:0-0:25.10.0*255", 6)).toEqual(decodeData(fromHex("01010202060000000109 00")));
    expect(hex("100:0-0:25.10.0*255", 7)).toBe(refused.readWriteDenied);
    for (const index of [7, 8, 9]) expect(hex("19:0-0:20.0.0*255", index)).toBe(refused.readWriteDenied);
  });

  it("keep lists of IPv4 multicast addresses", () => {
    const { invoke, hex } = every();
    const ipv4 = "42:0-0:25.1.0*255";
    expect(invoke(ipv4, 1, "06e00000fb")).toEqual(done);
    expect(invoke(ipv4, 1, "06e00000fb")).toBe(refused.scopeOfAccessViolated);
    expect(invoke(ipv4, 3, "0f00")).toEqual({ ok: true, value: { type: "long-unsigned", value: 1 } });
    expect(hex(ipv4, 4)).toEqual(decodeData(fromHex("010106e00000fb")));
    expect(invoke(ipv4, 2, "06e00000fb")).toEqual(done);
    expect(invoke(ipv4, 2, "06e00000fb")).toBe(refused.scopeOfAccessViolated);
  });

  it("keep lists of IPv6 addresses", () => {
    const { invoke, hex } = every();
    const ipv6 = "48:0-0:25.7.0*255";
    const address = `fd${"00".repeat(14)}01`;
    expect(invoke(ipv6, 1, `020216000910${address}`)).toEqual(done);
    expect(hex(ipv6, 4)).toEqual({ type: "array", value: [octets(address)] });
    expect(invoke(ipv6, 2, `020216010910${address}`)).toBe(refused.scopeOfAccessViolated);
    expect(invoke(ipv6, 2, `020216000910${address}`)).toEqual(done);
    expect(invoke(ipv6, 1, `020216030910${address}`)).toBe(refused.scopeOfAccessViolated);
  });

  it("keep the keys of time servers by number", () => {
    const { invoke, hex } = every();
    const ntp = "100:0-0:25.10.0*255";
    expect(invoke(ntp, 2, "0202060000000209020102")).toEqual(done);
    expect(hex(ntp, 6)).toEqual(decodeData(fromHex("0102020206000000010900020206000000020900")));
    expect(invoke(ntp, 3, "0600000001")).toEqual(done);
    expect(invoke(ntp, 3, "0600000001")).toBe(refused.scopeOfAccessViolated);
    expect(invoke(ntp, 1, "0f00")).toEqual(done);
  });
});

describe("the clock's methods", () => {
  function clock(now: string) {
    const set: string[] = [];
    let moment = Date.parse(now);
    const device = management([
      createClock({
        now: () => moment,
        localTimeAt: () => ({ deviation: -60, isDaylightSaving: false }),
        measuringPeriod: 3600,
        setTime(instant) {
          set.push(new Date(instant).toISOString());
          return undefined;
        },
      }),
    ]);
    const registry = registryOf(device);
    return {
      set,
      goTo(time: string) {
        moment = Date.parse(time);
      },
      invoke: (index: number, hex = "0f00") =>
        registry.invoke(methodTarget(device, "8:0-0:1.0.0*255", index), decodeData(fromHex(hex)), everything),
    };
  }

  it.each([
    [1, "0f00", "2026-11-22T10:07:29Z", "2026-11-22T10:00:00.000Z"],
    [1, "0f00", "2026-11-22T10:07:30Z", "2026-11-22T10:15:00.000Z"],
    [2, "0f00", "2026-11-22T10:31:00Z", "2026-11-22T11:00:00.000Z"],
    [3, "0f00", "2026-11-22T10:07:29Z", "2026-11-22T10:07:00.000Z"],
    [6, "10000a", "2026-11-22T10:07:29Z", "2026-11-22T10:07:39.000Z"],
    [6, "10fc7c", "2026-11-22T10:15:00Z", "2026-11-22T10:00:00.000Z"],
  ])("method %i of %s at %s sets %s", (index, hex, now, expected) => {
    const { invoke, set } = clock(now);
    expect(invoke(index, hex)).toEqual(done);
    expect(set).toEqual([expected]);
  });

  it("shifts by at most 900 s", () => {
    const { invoke, set } = clock("2026-11-22T10:07:29Z");
    expect(invoke(6, "100385")).toBe(refused.scopeOfAccessViolated);
    expect(invoke(6, "10fc7b")).toBe(refused.scopeOfAccessViolated);
    expect(set).toEqual([]);
  });

  it("takes a preset time in its interval, once", () => {
    const { invoke, set, goTo } = clock("2026-11-22T10:00:00Z");
    const local = (hour: number, minute: number) => `090c07ea0b16ff${toHex(Uint8Array.of(hour, minute))}0000ffc400`;
    expect(invoke(4)).toBe(refused.scopeOfAccessViolated);
    expect(invoke(5, `0203${local(12, 0)}${local(12, 30)}${local(11, 30)}`)).toBe(refused.scopeOfAccessViolated);
    expect(invoke(5, `0203${local(12, 0)}${local(11, 30)}${local(12, 30)}`)).toEqual(done);
    expect(invoke(4)).toBe(refused.scopeOfAccessViolated);
    goTo("2026-11-22T10:45:00Z");
    expect(invoke(4)).toEqual(done);
    expect(set).toEqual(["2026-11-22T11:00:00.000Z"]);
    expect(invoke(4)).toBe(refused.scopeOfAccessViolated);
  });
});
