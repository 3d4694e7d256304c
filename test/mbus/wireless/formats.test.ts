import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { decodeWireless, encodeWirelessFrame, RememberedFormats } from "../../../src/mbus/index.js";
import { crc16 } from "../../../src/mbus/wireless/crc.js";
import { keyLookup, telegramOf, wirelessVectors } from "./support/vectors.js";

const address = fromHex("9315785634123303");
const compacts = wirelessVectors.filter(({ requires }) => requires !== undefined);

function words(...values: number[]): string {
  return values.map((value) => toHex(Uint8Array.of(value & 0xff, value >> 8))).join("");
}

function decode(data: string, formats: RememberedFormats | undefined) {
  const bytes = encodeWirelessFrame({ control: 0x44, address, data: fromHex(data), format: "A" });
  return decodeWireless(bytes, { keyFor: () => undefined, formats });
}

const refusing = (reason: string) => expect.objectContaining({ reason });
const headers = "0c1402fd17";
const values = "270485020000";
const records = "0c142704850202fd170000";
const compact = `${words(crc16(fromHex(headers)), crc16(fromHex(records)))} ${values}`;
const formatFrame = `07 ${words(crc16(fromHex(headers)))} ${headers}`;

describe("compact frames", () => {
  it.each(compacts.map(({ id }) => id))("are refused before their full frame: %s", (id) => {
    const vector = compacts.find((candidate) => candidate.id === id);
    if (vector === undefined) throw new Error(id);
    const decodeIt = () =>
      decodeWireless(fromHex(vector.hex), { keyFor: keyLookup(vector.key), formats: new RememberedFormats() });
    expect(decodeIt).toThrow(refusing("formatUnknown"));
  });

  it.each([
    ["79", ""],
    ["7b", "2a00 0000"],
    ["73", "78563412 9315 33 03 2a00 0000"],
  ])("are filled in behind CI %s", (ci, header) => {
    const formats = new RememberedFormats();
    decode(`78 ${records}`, formats);
    const { telegram, applicationData } = telegramOf(decode(`${ci} ${header} ${compact}`, formats));
    expect(toHex(applicationData.subarray(13))).toBe(records);
    expect(telegram.records.length).toBe(2);
  });

  it.each([
    ["69", ""],
    ["6a", "2a00 0000"],
    ["6b", "78563412 9315 33 03 2a00 0000"],
  ])("are filled in after a format frame with CI %s", (ci, header) => {
    const formats = new RememberedFormats();
    expect(decode(`${ci} ${header} ${formatFrame}`, formats).kind).toBe("format");
    expect(telegramOf(decode(`79 ${compact}`, formats)).telegram.records.length).toBe(2);
  });

  it("carry manufacturer's data behind their values", () => {
    const formats = new RememberedFormats();
    decode(`78 ${records} 0f 0102`, formats);
    const full = fromHex(`${records} 0f 030405`);
    const data = `${words(crc16(fromHex(`${headers}0f`)), crc16(full))} ${values} 030405`;
    expect(telegramOf(decode(`79 ${data}`, formats)).telegram.manufacturerData).toEqual(fromHex("030405"));
  });

  it("carry texts with their LVAR", () => {
    const formats = new RememberedFormats();
    decode("78 0d78 03 414243", formats);
    const data = `${words(crc16(fromHex("0d78")), crc16(fromHex("0d78025859")))} 025859`;
    expect(telegramOf(decode(`79 ${data}`, formats)).telegram.records[0]?.value).toEqual({ kind: "text", value: "YX" });
  });

  it("are refused where the full-frame CRC is another, or values are too few or many", () => {
    const formats = new RememberedFormats();
    decode(`78 ${records}`, formats);
    for (const wrong of [compact.replace("27", "28"), compact.slice(0, -2), `${compact}00`]) {
      expect(() => decode(`79 ${wrong}`, formats)).toThrow(refusing("badChecksum"));
    }
    expect(() => decode("79 0102", formats)).toThrow(refusing("truncated"));
    expect(() => decode(`79 ${compact}`, undefined)).toThrow(refusing("formatUnknown"));
  });
});

describe("format frames", () => {
  it.each([
    ["07 0000", "badLength"],
    [`07 0000 ${headers}`, "badChecksum"],
    ["01 0000", "badLength"],
    [`02 0000 ${headers}`, "badChecksum"],
    ["01", "truncated"],
    [`04 ${words(crc16(fromHex("3f00")))} 3f00`, "reservedDataField"],
    [`03 ${words(crc16(fromHex("0c")))} 0c`, "truncated"],
  ])("are refused: %s, %s", (data, reason) => {
    expect(() => decode(`69 ${data}`, new RememberedFormats())).toThrow(refusing(reason));
  });
});

describe("remembered formats", () => {
  it("are bounded, the least recently used going first", () => {
    const formats = new RememberedFormats(3);
    const learn = (vif: number) => formats.learn([Uint8Array.of(0x04, vif)], undefined);
    const use = (vif: number) => {
      const full = Uint8Array.of(0x04, vif, 1, 2, 3, 4);
      return formats.expand(fromHex(`${words(crc16(full, 0, 2), crc16(full))}01020304`));
    };
    for (const vif of [1, 2, 3]) learn(vif);
    use(1);
    learn(4);
    expect(formats.size).toBe(3);
    expect(toHex(use(1))).toBe("040101020304");
    expect(() => use(2)).toThrow(refusing("formatUnknown"));
  });

  it("come back from what all() gives", () => {
    const formats = new RememberedFormats();
    decode(`78 ${records} 0f 01`, formats);
    const again = new RememberedFormats();
    for (const bytes of formats.all()) again.learnBytes(bytes);
    expect(again.all()).toEqual(formats.all());
    expect(again.size).toBe(2);
  });
});
