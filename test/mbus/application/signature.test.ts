import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../cosem/index.js";
import { decodeApplication } from "../../../src/mbus/index.js";

/** CI 72, KAM 12345678, version 1, water, access number 1, status 0, then the word and what is behind it. */
function telegram(configurationWord: number, data: Uint8Array): Uint8Array {
  const header = Buffer.from("72785634122d2c01070100", "hex");
  return new Uint8Array(Buffer.concat([header, Uint8Array.of(configurationWord & 0xff, configurationWord >> 8), data]));
}

/** Octets without order, the same each time. */
const noise = (seed: number, length: number) =>
  new Uint8Array(
    Buffer.concat([0, 1].map((part) => createHash("sha256").update(`${seed}/${part}`).digest())).subarray(0, length),
  );

function outcome(bytes: Uint8Array): string {
  try {
    return `${decodeApplication(bytes).records.length} records`;
  } catch (error) {
    return error instanceof DecodeError ? error.reason : "fault";
  }
}

const energy = "0406d2040000";
const volume = "041339300000";
const power = "022b2c01";
const flow = "023b0c00";

describe("a configuration word that is no security mode", () => {
  it("of an old meter leaves sound records as they are: four at least, none of them reserved", () => {
    const word = 0xb627;
    expect(outcome(telegram(word, Buffer.from(energy + volume + power + flow, "hex")))).toBe("4 records");
    expect(outcome(telegram(word, Buffer.from(energy + volume + power, "hex")))).toBe("unsupportedSecurityMode");
    expect(outcome(telegram(word, Buffer.from(`${energy}${volume}${power}${flow}0d06f7`, "hex")))).toBe(
      "unsupportedSecurityMode",
    );
  });

  it.each([6, 11, 12, 14, 15])("but may get a meaning is refused: %i", (mode) => {
    expect(outcome(telegram(mode << 8, Buffer.from(energy + volume + power, "hex")))).toBe("unsupportedSecurityMode");
  });

  it.each([16, 32, 48])("hardly ever lets %i octets of ciphertext pass for records", (length) => {
    const passed = Array.from({ length: 1000 }, (_, seed) => outcome(telegram(20 << 8, noise(seed, length)))).filter(
      (text) => text.endsWith("records"),
    );
    expect(passed.length).toBeLessThan(60);
  });
});
