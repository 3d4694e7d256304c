/** Compact frames, as meters send them to those who have seen a full one. */
import { decodeApplication, wirelessCrc } from "../mbus/index.js";

const longHeaderBytes = 13;

/**
 * Signature of the record headers, CRC of the full records, values.
 * @param plain  a telegram with long header, in plain
 * @throws RangeError with manufacturer's data
 */
export function compactOf(plain: Uint8Array): Uint8Array {
  const { records, manufacturerData } = decodeApplication(plain);
  if (manufacturerData !== undefined) throw new RangeError("manufacturer's data does not go into a compact frame");
  const headers = records.flatMap(({ header }) => [...header]);
  const values = records.flatMap((record) => [
    ...plain.subarray(record.headerOffset + record.header.length, record.endOffset),
  ]);
  const signature = wirelessCrc(Uint8Array.from(headers));
  const crc = wirelessCrc(plain.subarray(longHeaderBytes));
  return Uint8Array.of(signature & 0xff, signature >> 8, crc & 0xff, crc >> 8, ...values);
}

/** The same telegram on a wired bus, CI 7B: a short header and the compact data. */
export function compactTelegram(plain: Uint8Array): Uint8Array {
  return Uint8Array.of(0x7b, ...plain.subarray(longHeaderBytes - 4, longHeaderBytes), ...compactOf(plain));
}
