/** The fields of wireless frames: link layer with its checksums, extended link, AFL, transport, records (EN 13757-4, -7). */
import { controlInformation } from "../application/control-information.js";
import { identificationText } from "../application/telegram-header.js";
import {
  decodeWireless,
  decodeWirelessFrame,
  type FrameFormat,
  type WirelessOptions,
  type WirelessTelegram,
} from "../wireless/index.js";
import { writeMaker, writeVersionAndType } from "./address-fields.js";
import { explainApplication, refusalOf, writeApplication } from "./application-fields.js";
import type { ManufacturerFields } from "./manufacturer-fields.js";
import { type Explanation, FieldWriter, hexByte } from "./tree.js";

const controls: Readonly<Record<number, string>> = {
  68: "SND-NR, sent unasked",
  70: "SND-IR, installation",
  71: "ACC-NR, sign of life",
  72: "ACC-DMD, access wanted",
  8: "RSP-UD, answer with data",
  24: "RSP-UD, answer with data",
  6: "CNF-IR, installation confirmed",
  0: "ACK",
};

/**
 * @param bytes  from the L field on, with or without checksums
 * @param options  keys and formats: with them what was encrypted is explained as it is stored
 */
export function explainWireless(
  bytes: Uint8Array,
  options: WirelessOptions,
  manufacturerFields?: ManufacturerFields,
): Explanation {
  let telegram: WirelessTelegram | undefined;
  const error = refusalOf(() => {
    const result = decodeWireless(bytes, options);
    if (result.kind === "telegram") telegram = result;
  });
  let plain: { format: FrameFormat; bytes: Uint8Array } | undefined;
  refusalOf(() => {
    plain = decodeWirelessFrame(bytes, options.frameFormat);
  });
  if (plain === undefined) {
    const writer = new FieldWriter(bytes);
    writeLink(writer);
    writer.rest({ name: "not readable", meaning: "the link layer refuses the frame" });
    return { title: "wireless frame", bytes, fields: writer.fields, error };
  }
  if (plain.format === "removed") return explainPlainFrame(bytes, telegram, error, manufacturerFields);
  const writer = new FieldWriter(bytes);
  const inner = explainPlainFrame(plain.bytes, telegram, error, manufacturerFields);
  writeBlocks(writer, plain.format, inner);
  return { title: `wireless frame, format ${plain.format}`, bytes, fields: writer.fields, error };
}

/** Data parts of a frame by format: first, following; each with two bytes of checksum. */
const blockSizes = { A: [10, 16], B: [126, 125] } as const;

function writeBlocks(writer: FieldWriter, format: "A" | "B", inner: Explanation): void {
  const [first, following] = blockSizes[format];
  for (let block = 1; writer.left > 0; block++) {
    const size = Math.min(block === 1 ? first : following, Math.max(writer.left - 2, 0));
    writer.take(size, { name: `block ${block}`, inner: block === 1 ? inner : undefined });
    writer.take(2, { name: "checksum", meaning: "CRC of the block, right" });
  }
}

function explainPlainFrame(
  bytes: Uint8Array,
  telegram: WirelessTelegram | undefined,
  error: Explanation["error"],
  manufacturerFields: ManufacturerFields | undefined,
): Explanation {
  const writer = new FieldWriter(bytes);
  writeLink(writer);
  if (writeExtendedLink(writer)) {
    writeUpperLayers(writer, telegram, manufacturerFields, error?.words);
  }
  const isOpened = telegram !== undefined;
  writer.rest({
    name: isOpened ? "payload" : "not decoded",
    meaning: isOpened ? "opened with key or format: see within" : (error?.words ?? "encrypted, or a part of a message"),
    inner: isOpened ? stored(telegram, manufacturerFields) : undefined,
  });
  return { title: "wireless frame without checksums", bytes, fields: writer.fields, error };
}

function stored(telegram: WirelessTelegram, manufacturerFields: ManufacturerFields | undefined): Explanation {
  const explanation = explainApplication(telegram.applicationData, { manufacturerFields });
  return { ...explanation, title: "opened, as stored: the records in plain behind a header of our own" };
}

function writeLink(writer: FieldWriter): void {
  writer.take(1, { name: "L field", meaning: "length", value: String(writer.byte()) });
  const control = writer.byte();
  writer.take(1, { name: "C field", meaning: controls[control] ?? "", value: hexByte(control) });
  writeMakerOfLink(writer);
}

/** M2 id4 V T: the order of link addresses. */
function writeMakerOfLink(writer: FieldWriter): void {
  const maker = new FieldWriter(writer.bytes, writer.offset, Math.min(writer.offset + 2, writer.end));
  writeMaker(maker);
  for (const { name, meaning, value, length } of maker.fields) writer.take(length, { name, meaning, value });
  const value = writer.left >= 4 ? identificationText(writer.bytes, writer.offset) : undefined;
  writer.take(4, { name: "identification number", value });
  writeVersionAndType(writer);
}

/** @returns false where what follows cannot be read without a key */
function writeExtendedLink(writer: FieldWriter): boolean {
  const code = writer.byte();
  if (code < 0x8c || code > 0x8f || writer.left === 0) return true;
  writer.take(1, { name: "CI field", meaning: controlInformation(code).name });
  const control = writer.byte();
  writer.take(1, {
    name: "communication control",
    meaning: (control & 0x10) === 0 ? "" : "through a repeater",
    value: hexByte(control),
  });
  writer.take(1, { name: "access number", value: String(writer.byte()) });
  if (code >= 0x8e) writeMakerOfLink(writer);
  if ((code & 1) === 0) return true;
  const encryption = writer.byte(3) >> 5;
  const words = encryption === 0 ? "data in plain" : encryption === 1 ? "data encrypted by AES-CTR" : "reserved";
  writer.take(4, { name: "session number", meaning: words });
  if (encryption !== 0) return false;
  writer.take(2, { name: "payload checksum" });
  return true;
}

function writeUpperLayers(
  writer: FieldWriter,
  telegram: WirelessTelegram | undefined,
  manufacturerFields: ManufacturerFields | undefined,
  unopened: string | undefined,
): void {
  if (writer.byte() === 0x90 && writer.left > 1) {
    writer.take(1, { name: "CI field", meaning: controlInformation(0x90).name });
    const length = writer.byte();
    writer.take(1, { name: "AFL length", value: String(length) });
    writer.take(length, { name: "AFL fields", meaning: "fragment control, counter, checks" });
  }
  const { treatment, header } = controlInformation(writer.byte());
  const isPlain = telegram === undefined || !telegram.security.isEncrypted;
  // 73 is a compact frame on the air and a fixed structure on wires.
  if (writer.byte() === 0x73 || writer.left === 0) return;
  if (treatment === "variable" && isPlain && (telegram?.security.mode ?? 0) === 0) {
    writeApplication(writer, { manufacturerFields, meter: telegram?.telegram.meter, unopened });
    return;
  }
  const cut = 1 + (header?.length ?? 0);
  const head = new FieldWriter(writer.bytes, writer.offset, Math.min(writer.offset + cut, writer.end));
  writeApplication(head);
  for (const { name, meaning, value, children, length } of head.fields) {
    writer.take(length, { name, meaning, value, children });
  }
}
