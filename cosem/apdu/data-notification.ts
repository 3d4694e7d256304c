/** DataNotification (IEC 62056-5-3, clause 8.5): what a push sends, unasked; the receiver knows its form beforehand. */
import { readData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { readOctets, writeOctets } from "./descriptor.js";
import { apduTag } from "./tags.js";

export interface DataNotification {
  /** 32 bits, see `longInvokeBit`: a sender that wants no confirmation leaves `confirmed` clear. */
  readonly longInvokeIdAndPriority: number;
  /** 12 octets or none. */
  readonly dateTime: Uint8Array;
  readonly body: Data;
}

/** @throws DecodeError also for bytes behind it */
export function decodeDataNotification(apdu: Uint8Array): DataNotification {
  const reader = new ByteReader(apdu, "data-notification");
  if (reader.u8() !== apduTag.dataNotification) reader.fail("unknownTag", undefined, 0);
  const longInvokeIdAndPriority = reader.u32();
  const dateTime = readOctets(reader);
  if (dateTime.length !== 0 && dateTime.length !== 12) reader.fail("badLength", "a date-time has 12 octets", 5);
  const body = readData(reader);
  reader.expectEnd();
  return { longInvokeIdAndPriority, dateTime, body };
}

/** The date-time is an octet-string with its length, without the tag of a Data. */
export function encodeDataNotification(notification: DataNotification): Uint8Array {
  const writer = new ByteWriter(128).u8(apduTag.dataNotification).u32(notification.longInvokeIdAndPriority);
  writeOctets(writer, notification.dateTime);
  writeData(writer, notification.body);
  return writer.finish();
}
