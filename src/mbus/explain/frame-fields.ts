/** The fields of wired link frames (EN 13757-2). */

import { decodeApplication } from "../application/decode.js";
import { broadcastSilent, broadcastWithAnswer, functionOf, selectedAddress } from "../link/control-field.js";
import { ackByte, checksumOf, decodeLinkFrame, longStart, shortStart, stopByte } from "../link/frame.js";
import { type AesKey, openWired, type RememberedFormats } from "../wireless/index.js";
import { type ApplicationOptions, explainApplication, refusalOf, writeApplication } from "./application-fields.js";
import { type Explanation, FieldWriter, hexByte } from "./tree.js";

/** What explains a wired frame; `key` opens a secured one, `formats` a compact one. */
export interface WiredOptions extends ApplicationOptions {
  readonly key?: AesKey | undefined;
  readonly formats?: RememberedFormats | undefined;
}

/** E5, `10 C A CS 16`, `68 L L 68 C A CI … CS 16`; what does not fit is shown as it stands. */
export function explainWiredFrame(bytes: Uint8Array, options: WiredOptions): Explanation {
  /** Where that is not what was sent. */
  let opened: Uint8Array | undefined;
  const error = refusalOf(() => {
    const frame = decodeLinkFrame(bytes);
    if (frame.kind !== "long") return;
    const { applicationData } = frame;
    const telegram = openWired(applicationData, { keyFor: () => options.key, formats: options.formats });
    if (telegram.kind === "format") return;
    if (telegram.applicationData !== applicationData) opened = telegram.applicationData;
    const decoded = decodeApplication(telegram.applicationData);
    options.formats?.learnFrom(decoded);
  });
  const writer = new FieldWriter(bytes);
  const first = writer.byte();
  if (first === ackByte) writer.take(1, { name: "acknowledgement" });
  else if (first === shortStart) writeShort(writer);
  else if (first === longStart)
    writeLong(writer, { ...options, unopened: opened === undefined ? error?.words : "opened: see within" }, opened);
  writer.rest({ name: "not readable", meaning: first === ackByte ? "behind the frame" : "no frame of the link layer" });
  return { title: "wired frame", bytes, fields: writer.fields, error };
}

function writeShort(writer: FieldWriter): void {
  const start = writer.offset;
  writer.take(1, { name: "start", meaning: "short frame" });
  writeControlAndAddress(writer);
  writeEnd(writer, start + 1);
}

function writeLong(writer: FieldWriter, options: ApplicationOptions, opened: Uint8Array | undefined): void {
  const length = writer.byte(1);
  writer.take(1, { name: "start", meaning: "long frame" });
  writer.take(1, { name: "length", value: String(writer.byte()) });
  writer.take(1, {
    name: "length again",
    meaning: writer.byte() === length ? "" : "differs",
    value: String(writer.byte()),
  });
  writer.take(1, { name: "start again", meaning: writer.byte() === longStart ? "" : "not 68" });
  const start = writer.offset;
  writeControlAndAddress(writer);
  const end = Math.max(writer.offset, Math.min(start + length, writer.end));
  const inside = new FieldWriter(writer.bytes, writer.offset, end);
  writeApplication(inside, options);
  writer.take(inside.offset - writer.offset, {
    name: "application data",
    children: inside.fields,
    inner: insideOf(opened, options),
  });
  writeEnd(writer, start);
}

function insideOf(opened: Uint8Array | undefined, options: ApplicationOptions): Explanation | undefined {
  if (opened === undefined) return undefined;
  const explanation = explainApplication(opened, options);
  return { ...explanation, title: "opened, as stored: the records in plain behind a header of our own" };
}

function writeEnd(writer: FieldWriter, start: number): void {
  const isRight = checksumOf(writer.bytes, start, writer.offset) === writer.byte();
  writer.take(1, { name: "checksum", meaning: isRight ? "right" : "wrong", value: hexByte(writer.byte()) });
  writer.take(1, { name: "stop", meaning: writer.byte() === stopByte ? "" : "not 16" });
}

const requests: Readonly<Record<number, string>> = {
  0: "SND_NKE, link reset",
  3: "SND_UD, data to the meter",
  8: "RSP_UD, answer with data",
  9: "request of the link status",
  10: "REQ_UD1, request of alarm data",
  11: "REQ_UD2, request of data",
};

function writeControlAndAddress(writer: FieldWriter): void {
  const control = writer.byte();
  const isRequest = (control & 0x40) !== 0;
  const bits = isRequest
    ? (control & 0x10) === 0
      ? ""
      : `, frame count bit ${(control >> 5) & 1}`
    : `${(control & 0x20) === 0 ? "" : ", alarm data wait"}${(control & 0x10) === 0 ? "" : ", no more data can be taken"}`;
  const words = requests[functionOf(control)] ?? "reserved function";
  writer.take(1, { name: "C field", meaning: words + bits, value: hexByte(control) });
  writer.take(1, { name: "A field", meaning: addressWords(writer.byte()), value: String(writer.byte()) });
}

function addressWords(address: number): string {
  if (address === 0) return "unconfigured";
  if (address === selectedAddress) return "the selected meter";
  if (address === broadcastWithAnswer) return "to all, all answer";
  if (address === broadcastSilent) return "to all, none answers";
  return address <= 250 ? "primary address" : "reserved";
}
