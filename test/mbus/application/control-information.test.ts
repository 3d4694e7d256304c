import { describe, expect, it } from "vitest";
import { DecodeError, fromHex } from "../../../cosem/codec/bytes.js";
import { controlInformation, decodeApplication } from "../../../src/mbus/index.js";

/** What wired answers a decoder must take, by hand from EN 13757-7's list; all else is refused by its name. */
const readouts = [0x72, 0x73, 0x76, 0x78, 0x7a];
const errors = [0x6e, 0x6f, 0x70, 0x71, 0x74, 0x75];
const alarms = [0x71, 0x74, 0x75];
const compact = [0x79, 0x7b];

/** Long enough for every header and for the fixed data structure; plain, one filler behind. */
function telegram(code: number): Uint8Array {
  return Uint8Array.of(code, ...new Uint8Array(16));
}

function reasonOf(bytes: Uint8Array): string {
  try {
    decodeApplication(bytes);
    return "read";
  } catch (error) {
    if (error instanceof DecodeError) return error.reason;
    throw error;
  }
}

describe("the control information field", () => {
  const all = Array.from({ length: 256 }, (_, code) => code);

  it("is answered or refused with its reason, 00 to FF", () => {
    for (const code of all) {
      const reason = reasonOf(telegram(code));
      if (alarms.includes(code)) expect([code, reason]).toEqual([code, "alarm"]);
      else if (errors.includes(code)) expect([code, reason]).toEqual([code, "applicationError"]);
      else if (compact.includes(code)) expect([code, reason]).toEqual([code, "formatUnknown"]);
      else if (controlInformation(code).direction === "toMeter") expect([code, reason]).toEqual([code, "sentToMeter"]);
      else if (!readouts.includes(code)) expect([code, reason]).toEqual([code, "unknownControlInformation"]);
      else expect([code, ["read", "truncated"].includes(reason)]).toEqual([code, true]);
    }
  });

  it("has a name wherever the standard gives one", () => {
    const reserved = all.filter((code) => controlInformation(code).name === "reserved");
    const expected = all.filter(
      (code) =>
        (code >= 0x20 && code <= 0x4f) ||
        [0x57, 0x58, 0x59, 0x5d, 0x5e, 0x62, 0x63].includes(code) ||
        (code >= 0x91 && code <= 0x9d) ||
        code >= 0xc6,
    );
    expect(reserved).toEqual(expected);
  });

  it.each([
    ["40", "reserved"],
    ["5A", "command, short header, is sent to meters"],
    ["A2", "manufacturer specific"],
    ["90", "authentication and fragmentation layer"],
    ["BD", "set baud rate 9600"],
  ])("CI %s is refused in words: %s", (hex, words) => {
    expect(() => decodeApplication(fromHex(`${hex} 00 00 00 00`))).toThrow(words);
  });

  it("reads the header before an alarm's status", () => {
    expect(() => decodeApplication(fromHex("75 78563412 2D2C 01 04 05 00 0000 2A"))).toThrow("code 42");
    expect(() => decodeApplication(fromHex("74 05 00 0000 2A"))).toThrow("code 42");
  });
});
