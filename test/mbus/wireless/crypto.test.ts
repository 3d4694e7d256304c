import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { AesKey, applyCtr, cmac, decryptCbc, derivation, deriveKey } from "../../../src/mbus/wireless/aes.js";
import { crc16 } from "../../../src/mbus/wireless/crc.js";

const nistKey = new AesKey(fromHex("2b7e151628aed2a6abf7158809cf4f3c"));
const nistPlain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52ef";

describe("AES-CMAC", () => {
  it.each([
    ["", "bb1d6929e95937287fa37d129b756746"],
    ["6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"],
    [nistPlain.slice(0, 80), "dfa66747de9ae63030ca32611497c827"],
    [`${nistPlain}f69f2445df4f9b17ad2b417be66c3710`, "51f0bebf7e3b9d92fc49741779363cfe"],
  ])("is that of RFC 4493 for a message of %s", (message, mac) => {
    expect(toHex(cmac(nistKey, fromHex(message)))).toBe(mac);
  });
});

describe("AES modes", () => {
  it("decrypts CBC as NIST SP 800-38A, F.2.2 has it", () => {
    const vector = fromHex("000102030405060708090a0b0c0d0e0f");
    const ciphertext = fromHex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
    expect(toHex(decryptCbc(nistKey, vector, ciphertext))).toBe(nistPlain.slice(0, 64));
  });

  it("applies CTR as NIST SP 800-38A, F.5.1 has it, in a last part of a block too", () => {
    // The vector's counter ends in fe ff: the first block alone needs no carry.
    const counter = fromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    const ciphertext = applyCtr(nistKey, counter, fromHex(nistPlain.slice(0, 32)));
    expect(toHex(ciphertext)).toBe("874d6191b620e3261bef6864990db6ce");
    expect(toHex(applyCtr(nistKey, counter, fromHex(nistPlain.slice(0, 10))))).toBe("874d6191b6");
  });

  it("derives the keys of CEN/TR 17167, example F.3", () => {
    const master = new AesKey(fromHex("000102030405060708090a0b0c0d0e0f"));
    const counter = fromHex("b30a0000");
    const address = fromHex("9315785634123303");
    const block = new Uint8Array(16);
    const encryption = deriveKey(master, derivation.encryption, counter, address);
    const mac = deriveKey(master, derivation.mac, counter, address);
    // A key shows itself in what it encrypts alone.
    expect(encryption.encryptBlocks(block)).toEqual(
      new AesKey(fromHex("eccf39d475d730b8284fdfdc1995d52f")).encryptBlocks(block),
    );
    expect(mac.encryptBlocks(block)).toEqual(
      new AesKey(fromHex("c9cd19ff5a9aad5a6bbda13bd2c4c7ad")).encryptBlocks(block),
    );
  });
});

describe("AesKey", () => {
  it.each([0, 15, 17, 32])("refuses %i bytes", (length) => {
    expect(() => new AesKey(new Uint8Array(length))).toThrow(RangeError);
  });

  it("does not show itself", () => {
    expect(JSON.stringify({ key: nistKey })).toBe('{"key":"[secret]"}');
  });

  it("keeps its own copy of the bytes", () => {
    const bytes = fromHex("2b7e151628aed2a6abf7158809cf4f3c");
    const key = new AesKey(bytes);
    bytes.fill(0);
    expect(toHex(cmac(key, new Uint8Array(0)))).toBe("bb1d6929e95937287fa37d129b756746");
  });
});

describe("CRC-16/EN-13757", () => {
  it("has the check value of the CRC catalogue", () => {
    expect(crc16(new TextEncoder().encode("123456789"))).toBe(0xc2b7);
  });
});
