import { describe, expect, it } from "vitest";
import { fromHex } from "../../../cosem/codec/bytes.js";
import { explainTelegram, explanationLines } from "../../../src/mbus/index.js";
import { examples, wirelessVectors } from "../wireless/support/vectors.js";

/** SND_UD to address 1; checksum by EN 13757-2: the sum of the bytes from the C field on. */
function toMeter(application: string): Uint8Array {
  const data = [0x53, 0x01, ...fromHex(application.replaceAll(" ", ""))];
  const sum = data.reduce((total, byte) => total + byte, 0) & 0xff;
  return Uint8Array.of(0x68, data.length, data.length, 0x68, ...data, sum, 0x16);
}

const textOf = (...question: Parameters<typeof explainTelegram>) =>
  explanationLines(explainTelegram(...question)).join("\n");

describe("what a master sends", () => {
  it.each([
    ["50 10", "subcode: application reset: user data = 10"],
    ["51 017A05", "record: Bus address = 5"],
    ["51 0C7978563412", "record: Enhanced identification = 12345678"],
    ["52 785634F2 FFFF FF FF", "identification number: F: any digit = F2345678"],
    ["52 78563412 FFFF FF FF 0C7844332211", "record: Fabrication number = 11223344"],
    ["5B 78563412 9315 33 03 2A 00 0000 017A05", "record: Bus address = 5"],
    ["6C 78563412 9315 33 03 2A 00 0000 00 0102030405", "time to set: not decoded"],
  ])("is explained: %s", (application, line) => {
    const text = textOf(toMeter(application));
    expect(text).toContain(line);
    expect(text).toContain("refused: mbus application: sentToMeter");
  });
});

describe("a key that is wrong", () => {
  const vectors = wirelessVectors.filter(({ expect: wanted }) => wanted.kind === "wrong-key");

  it.each(vectors)("is called so, with the check that failed: $id", ({ hex, key }) => {
    const { error } = explainTelegram(fromHex(hex), { isWireless: true, key: fromHex(key ?? "") });
    const text = textOf(fromHex(hex), { isWireless: true, key: fromHex(key ?? "") });
    expect(error?.reason).toBe("wrongKey");
    expect(text).toMatch(/no 2F 2F after decryption|AFL MAC|payload CRC after decryption|authentication tag/);
    expect(text).not.toContain("a key is needed");
  });
});

describe("a secured telegram on a wire", () => {
  const { hex = "", key } = examples.find(({ wired }) => wired === true) ?? {};

  it("is opened with its key, and says of another that it is wrong", () => {
    const right = explainTelegram(fromHex(hex), { key: fromHex(key ?? "") });
    expect(right.error).toBeUndefined();
    expect(explanationLines(right).join("\n")).toContain("opened, as stored");
    expect(textOf(fromHex(hex), { key: new Uint8Array(16) })).toMatch(/wrongKey|badMac/);
    expect(textOf(fromHex(hex))).toContain("keyRequired");
  });
});
