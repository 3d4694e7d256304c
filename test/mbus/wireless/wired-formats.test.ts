/** Compact and format frames on a wired bus. */
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { decodeApplication, openWired, RememberedFormats, wirelessAddressOf } from "../../../src/mbus/index.js";
import type { SecondaryAddress } from "../../../src/mbus/link/secondary-address.js";
import { crc16 } from "../../../src/mbus/wireless/crc.js";

const word = (value: number) => toHex(Uint8Array.of(value & 0xff, value >> 8));
const headers = "0c1402fd17";
const full = "0c142704850202fd170000";
const compact = `${word(crc16(fromHex(headers)))}${word(crc16(fromHex(full)))}270485020000`;
const formatFrame = `07${word(crc16(fromHex(headers)))}${headers}`;
const keyFor = () => undefined;
const meter = "7856341293153303";

function open(hex: string, formats?: RememberedFormats, sender?: string) {
  const address = sender === undefined ? undefined : wirelessAddressOf(fromHex(sender) as SecondaryAddress);
  const opened = openWired(fromHex(hex), { keyFor, formats, sender: address });
  return opened.kind === "format" ? "format" : toHex(opened.applicationData);
}

function taughtBy(hex: string): RememberedFormats {
  const formats = new RememberedFormats();
  formats.learnFrom(decodeApplication(fromHex(hex)));
  return formats;
}

describe("compact frames on wires", () => {
  it.each([
    ["79", "78"],
    ["7b2a080000", "7a2a080000"],
  ])("CI and header %s become %s", (header, wanted) => {
    expect(open(`${header}${compact}`, taughtBy(`72${meter}01000000${full}`))).toBe(`${wanted}${full}`);
  });

  it("have the meter's address where it is known, as its full ones have it", () => {
    expect(open(`7b2a080000${compact}`, taughtBy(`78${full}`), meter)).toBe(`72${meter}2a080000${full}`);
  });

  it("are refused before their format is known, and where the full-frame CRC is another", () => {
    expect(() => open(`79${compact}`)).toThrow(/formatUnknown/);
    expect(() => open(`79${compact}`, new RememberedFormats())).toThrow(/formatUnknown/);
    expect(() => open(`79${compact.replace("2704", "2804")}`, taughtBy(`78${full}`))).toThrow(/badChecksum/);
  });

  it("are never told by CI 73: on wires that is the fixed data structure", () => {
    const fixed = "7378563412 0a 00 e9 7e 01000000 35010000".replaceAll(" ", "");
    const formats = taughtBy(fixed);
    expect(formats.size).toBe(0);
    expect(open(fixed, formats)).toBe(fixed);
  });

  it.each([
    ["69", ""],
    ["6a", "2a000000"],
    ["6b", `${meter}2a000000`],
  ])("are read after a format frame with CI %s", (ci, header) => {
    const formats = new RememberedFormats();
    expect(open(`${ci}${header}${formatFrame}`, formats)).toBe("format");
    expect(open(`79${compact}`, formats)).toBe(`78${full}`);
  });

  it("teach nothing where a record is bad", () => {
    expect(taughtBy(`78${full}0d78f8`).size).toBe(0);
  });
});
