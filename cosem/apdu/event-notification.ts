/** EventNotification (IEC 62056-5-3, clause 8.5): one attribute told unasked; nothing confirms it. */
import { readData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import {
  type AttributeDescriptor,
  readAttributeDescriptor,
  readOctets,
  readPresence,
  writeAttributeDescriptor,
  writeOctets,
} from "./descriptor.js";
import { apduTag } from "./tags.js";

export interface EventNotification {
  /** 12 octets. */
  readonly time: Uint8Array | undefined;
  readonly attribute: Omit<AttributeDescriptor, "selectiveAccess">;
  readonly value: Data;
}

/** @throws DecodeError also for bytes behind it */
export function decodeEventNotification(apdu: Uint8Array): EventNotification {
  const reader = new ByteReader(apdu, "event-notification");
  if (reader.u8() !== apduTag.eventNotificationRequest) reader.fail("unknownTag", undefined, 0);
  const time = readPresence(reader) ? readOctets(reader) : undefined;
  if (time !== undefined && time.length !== 12) reader.fail("badLength", "a date-time has 12 octets", 2);
  const { classId, logicalName, attributeIndex } = readAttributeDescriptor(reader, undefined);
  const value = readData(reader);
  reader.expectEnd();
  return { time, attribute: { classId, logicalName, attributeIndex }, value };
}

export function encodeEventNotification({ time, attribute, value }: EventNotification): Uint8Array {
  const writer = new ByteWriter(64).u8(apduTag.eventNotificationRequest).u8(time === undefined ? 0 : 1);
  if (time !== undefined) writeOctets(writer, time);
  writeAttributeDescriptor(writer, { ...attribute, selectiveAccess: undefined });
  writeData(writer, value);
  return writer.finish();
}
