import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import {
  AesKey,
  decodeWireless,
  encodeWirelessFrame,
  inspectWireless,
  MeterApplicationError,
  RememberedFormats,
  type WirelessOptions,
} from "../../../src/mbus/index.js";
import { applyCtr, cmac, decryptCbc, derivation, deriveKey } from "../../../src/mbus/wireless/aes.js";
import { crc16 } from "../../../src/mbus/wireless/crc.js";
import { exampleNamed, keyLookup, layerNames, telegramOf, wirelessVectors } from "./support/vectors.js";

const sender = fromHex("9315785634123303");
const keyBytes = fromHex("000102030405060708090a0b0c0d0e0f");
const key = new AesKey(keyBytes);
const volume = "0c1427048502";

function frame(data: string | Uint8Array, control = 0x44): Uint8Array {
  const bytes = typeof data === "string" ? fromHex(data) : data;
  return encodeWirelessFrame({ control, address: sender, data: bytes, format: "removed" });
}

function decode(data: string | Uint8Array, options: Partial<WirelessOptions> = {}, control = 0x44) {
  return decodeWireless(frame(data, control), { keyFor: () => key, ...options });
}

const refusing = (reason: string) => expect.objectContaining({ reason });

function vectorNamed(id: string) {
  const found = wirelessVectors.find((vector) => vector.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

describe("extended link layer", () => {
  it("takes I and III off and keeps the access number in the stored telegram", () => {
    for (const layer of ["8c2075", "8e2075 2d2c 0403020101 07"]) {
      const result = telegramOf(decode(`${layer} 78 ${volume}`));
      expect(result.telegram.meter.accessNumber).toBeNull();
      expect(result.counters.accessNumber).toBe(0x75);
      expect(result.applicationData[9]).toBe(0x75);
    }
  });

  it("tells the hop of a repeater", () => {
    expect(decode(`8c3075 78 ${volume}`).isRepeated).toBe(true);
    expect(decode(`8c2075 78 ${volume}`).isRepeated).toBe(false);
    expect(decode(`7a 2a00 0100 ${volume}`).isRepeated).toBe(true);
    expect(decode(`7a 2a00 0000 ${volume}`).isRepeated).toBe(false);
  });

  it("checks the payload CRC of plain data", () => {
    const payload = fromHex(`78${volume}`);
    const crc = crc16(payload);
    const data = fromHex(`8d2075 04030200 0000 ${toHex(payload)}`);
    data.set([crc & 0xff, crc >> 8], 7);
    expect(telegramOf(decode(data)).counters.session).toBe(0x00020304);
    data[12] = (data[12] ?? 0) ^ 1;
    expect(() => decode(data)).toThrow(refusing("badChecksum"));
  });

  it("opens encrypted payloads whatever bits a repeater set in CC", () => {
    const vector = vectorNamed("wmbusmeters/kamheat-fc3e80");
    const bytes = fromHex(vector.hex);
    bytes[11] = (bytes[11] ?? 0) | 0x12;
    const result = telegramOf(decodeWireless(bytes, { keyFor: keyLookup(vector.key) }));
    expect(result.isRepeated).toBe(true);
    expect(result.security).toMatchObject({ isLinkEncrypted: true, isEncrypted: true, hasPayloadCrc: true, mode: 0 });
  });

  it.each([
    ["its own address", "2d2c040302010107"],
    ["the sender's address", "9315785634123303"],
  ])("opens IV encrypted with %s", (_, owner) => {
    const payload = fromHex(`0000 78 ${volume}`);
    const crc = crc16(payload, 2);
    payload.set([crc & 0xff, crc >> 8]);
    // M2 A6 CC SN4 FN2 BC1
    const counter = fromHex(`${owner} 20 04030220 0000 00`);
    const ciphertext = applyCtr(key, counter, payload);
    const result = telegramOf(decode(`8f2075 2d2c040302010107 04030220 ${toHex(ciphertext)}`));
    expect(result.telegram.records.length).toBe(1);
    expect(result.counters.session).toBe(0x00020304);
  });

  it.each([2, 3, 4, 5, 6, 7])("refuses the reserved encryption %i", (encryption) => {
    const top = (encryption << 5).toString(16).padStart(2, "0");
    expect(() => decode(`8d2075 040302${top} 0000 78`)).toThrow(refusing("unsupportedSecurityMode"));
  });

  it("refuses layers that end too early", () => {
    const layers = ["8c", "8c20", "8d207504030200", "8e20752d2c04030201", "8f20752d2c040302010107040302"];
    for (const layer of layers) expect(() => decode(layer)).toThrow(refusing("truncated"));
  });
});

describe("transport security", () => {
  const { hex, key: exampleKey } = exampleNamed("cen-tr-17167-f3");

  it("verifies the MAC with a message length and key information too", () => {
    // MCL with ML, MCR, KI and an AES-CMAC of 8 bytes: key derivation A, key 0, version 1.
    const transport = fromHex(`7a 2a00 0000 ${volume}`);
    // OMS Vol. 2: AFL.MAC = CMAC(Kmac, AFL.MCL || AFL.MCR || {AFL.ML ||} next CI ... last byte): no AFL.KI.
    const messageLength = `${transport.length.toString(16).padStart(2, "0")}00`;
    const fields = fromHex(`75 b30a0000 ${messageLength}`);
    const macKey = deriveKey(key, derivation.mac, fromHex("b30a0000"), sender);
    const mac = cmac(macKey, Uint8Array.of(...fields, ...transport)).subarray(0, 8);
    const layer = `75 1001 b30a0000 ${toHex(mac)} ${messageLength}`;
    const result = telegramOf(decode(`90 13 003e ${layer} ${toHex(transport)}`));
    expect(result.security).toMatchObject({ isAuthenticated: true, isEncrypted: false });
    expect(() => decode(`90 13 003e ${layer} ${toHex(transport).replace("27", "28")}`)).toThrow(refusing("badMac"));
    // Without a key the data is plain all the same, and nobody has vouched for it.
    const unchecked = telegramOf(decode(`90 13 003e ${layer} ${toHex(transport)}`, { keyFor: () => undefined }));
    expect(unchecked.security.isAuthenticated).toBe(false);
  });

  it("takes other keys for messages to the meter", () => {
    const bytes = fromHex(hex);
    bytes[1] = 0x53;
    expect(() => decodeWireless(bytes, { keyFor: keyLookup(exampleKey) })).toThrow(refusing("wrongKey"));
  });

  it("refuses a derived key without a message counter", () => {
    const block = "00".repeat(16);
    expect(() => decode(`7a 2a00 1007 10 ${block}`)).toThrow(refusing("badValue"));
  });

  it("takes the counter of the transport layer where it has one", () => {
    const counter = fromHex("05000000");
    const encryption = deriveKey(key, derivation.encryption, counter, sender);
    // ECB decryption of the plain text with a zero IV is the inverse of one CBC block.
    const plain = fromHex(`2f2f ${volume} 2f2f2f2f2f2f2f2f`);
    const ciphertext = encryption.encryptBlocks(plain);
    expect(toHex(decryptCbc(encryption, new Uint8Array(16), ciphertext))).toBe(toHex(plain));
    const result = telegramOf(decode(`7a 2a00 1027 10 ${toHex(counter)} ${toHex(ciphertext)}`));
    expect(result.counters.message).toBe(5);
    expect(result.telegram.records.length).toBe(1);
  });

  it.each([1, 2, 3, 4, 6, 8, 9, 11, 12, 13, 14, 15, 16, 21, 29, 31])("names and refuses security mode %i", (mode) => {
    const word = `10${mode.toString(16).padStart(2, "0")}`;
    expect(() => decode(`7a 2a00 ${word} ${"00".repeat(16)}`)).toThrow(refusing("unsupportedSecurityMode"));
    expect(() => decode(`7a 2a00 ${word} ${"00".repeat(16)}`)).toThrow(new RegExp(`security mode ${mode}: \\w`));
  });

  it("reads plain data under modes 5 and 7 without encrypted blocks", () => {
    expect(telegramOf(decode(`7a 2a00 0005 ${volume}`)).telegram.records.length).toBe(1);
    expect(telegramOf(decode(`7a 2a00 0007 10 ${volume}`)).telegram.records.length).toBe(1);
  });

  it.each(["2005", "f005"])("refuses more encrypted blocks than there are: %s", (word) => {
    expect(() => decode(`7a 2a00 ${word} ${"00".repeat(15)}`)).toThrow(refusing("truncated"));
  });

  it("refuses what it does not know of mode 10", () => {
    expect(() => decode(`7a 2a00 102a 1001 8c570e00 ${"00".repeat(40)}`)).toThrow(refusing("unsupportedSecurityMode"));
    expect(() => decode("7a 2a00 ff2a 1001 8c570e00 00")).toThrow(refusing("truncated"));
    expect(() => decode(`7a 2a00 ff2a 3001 8c570e00 ${"00".repeat(40)}`)).toThrow(refusing("unsupportedSecurityMode"));
  });

  it("refuses kinds of authentication no telegram shows", () => {
    expect(() => decode(`90 13 002c 28 b30a0000 ${"00".repeat(12)} 78`)).toThrow(refusing("unsupportedSecurityMode"));
    expect(() => decode(`90 0e 002c 25 b30a0000 ${"00".repeat(7)} 78`)).toThrow(refusing("badLength"));
    expect(() => decode("90 07 0028 25 b30a0000 78")).toThrow(refusing("badLength"));
    expect(() => decode("90 20 0028 25 b30a0000 78")).toThrow(refusing("truncated"));
    expect(() => decode("90 08 0028 25 b30a0000 00 78")).toThrow(refusing("badLength"));
  });

  it.each(examplesWithChecks())("never accepts a changed message: %s", (_, id, from) => {
    const example = exampleNamed(id);
    const sound = fromHex(example.hex);
    const lookup = keyLookup(example.key);
    const wanted = telegramOf(decodeWireless(sound, { keyFor: lookup })).telegram.records;
    for (let bit = from * 8; bit < sound.length * 8; bit++) {
      const flipped = sound.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let records: unknown;
      try {
        records = telegramOf(decodeWireless(flipped, { keyFor: lookup })).telegram.records;
      } catch {
        continue;
      }
      // Reserved bits of the AFL's control field change nothing.
      expect(records, `bit ${bit}`).toEqual(wanted);
    }
  });

  it("never accepts a changed payload of the extended link layer", () => {
    const vector = vectorNamed("wmbusmeters/kamheat-fc3e80");
    const sound = fromHex(vector.hex);
    for (let bit = 17 * 8; bit < sound.length * 8; bit++) {
      const flipped = sound.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeWireless(flipped, { keyFor: keyLookup(vector.key) })).toThrow(refusing("wrongKey"));
    }
  });
});

/** Name, id, and where the authenticated part begins. */
function examplesWithChecks(): [string, string, number][] {
  return [
    ["mode 7 with AFL", "cen-tr-17167-f3", 21],
    ["mode 10", "kaw-mode-10", 13],
  ];
}

describe("control information", () => {
  it.each(["81", "82", "86", "60", "7c", "7e", "5a", "c1", "00", "b8", "ff"])("refuses CI %s by name", (ci) => {
    const reason = ["82", "60", "5a", "b8"].includes(ci) ? "sentToMeter" : "unknownControlInformation";
    expect(() => decode(`${ci} 0102030405060708`)).toThrow(refusing(reason));
    expect(layerNames(inspectWireless(frame(`${ci} 01`)).layers)).toEqual([ci.toUpperCase()]);
  });

  it.each(["a0", "a7", "b7"])("refuses the proprietary CI %s by its maker's name", (ci) => {
    expect(() => decode(`${ci} 0102`)).toThrow(refusing("formatUnknown"));
    expect(() => decode(`${ci} 0102`)).toThrow(/manufacturer ELS/);
  });

  it("tells application errors and alarms", () => {
    expect(() => decode("70 08")).toThrow(expect.objectContaining({ reason: "applicationError", code: 8 }));
    expect(() => decode("6e 2a00 0000 05")).toThrow(expect.objectContaining({ code: 5 }));
    expect(() => decode("75 78563412 9315 33 03 2a00 0000 01")).toThrow(MeterApplicationError);
  });

  it("reads messages without application data", () => {
    const result = telegramOf(decode("8a 2a10 0000", {}, 0x00));
    expect(result.telegram.meter).toMatchObject({ accessNumber: 0x2a, status: 0x10 });
    expect(result.telegram.records).toEqual([]);
    expect(() => decode("8a 2a10 0000 00")).toThrow(refusing("trailingBytes"));
  });

  it("refuses frames that end in a header", () => {
    for (const data of ["", "7a", "7a2a00", "72785634129315330300", "7a2a001007"]) {
      expect(() => decode(data)).toThrow(refusing("truncated"));
    }
  });
});

describe("the stored telegram", () => {
  it("has the meter's address, a plain configuration word and no fillers in front", () => {
    const { applicationData } = telegramOf(decode(`7a 2a04 0120 2f2f ${volume}`));
    expect(toHex(applicationData)).toBe(`7278563412931533032a040020${volume}`);
  });

  it("is the same for full and compact frames of one meter but for access number and values", () => {
    const formats = new RememberedFormats();
    const full = telegramOf(decode(`8c2001 78 ${volume} 02fd170000`, { formats }));
    const records = fromHex("0c1428048502 02fd170000");
    const [signature, crc] = [crc16(fromHex("0c1402fd17")), crc16(records)];
    const words = [signature & 0xff, signature >> 8, crc & 0xff, crc >> 8];
    const compact = telegramOf(decode(`8c2002 79 ${toHex(Uint8Array.from(words))} 28048502 0000`, { formats }));
    expect(toHex(compact.applicationData)).toBe(
      toHex(full.applicationData).replace("27048502", "28048502").replace("0301000000", "0302000000"),
    );
  });
});
