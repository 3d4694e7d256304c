import type { ByteReader, ByteWriter } from "./bytes.js";

/**
 * Reads an A-XDR length: one byte below 80, else 81 to 84 and that many bytes; longer forms than needed are taken.
 * The caller checks it against what is left.
 * @throws DecodeError `badLength` for the indefinite form and for more than four bytes, `truncated`
 */
export function readLength(reader: ByteReader): number {
  const first = reader.u8();
  if (first < 0x80) return first;
  if (first === 0x81) return reader.u8();
  if (first === 0x82) return reader.u16();
  if (first === 0x83) return reader.u8() * 0x10000 + reader.u16();
  if (first === 0x84) return reader.u32();
  return reader.fail("badLength", `length form ${first.toString(16)}`, reader.offset - 1);
}

/** Writes the shortest form. */
export function writeLength(writer: ByteWriter, length: number): void {
  if (length < 0x80) writer.u8(length);
  else if (length < 0x100) writer.u8(0x81).u8(length);
  else if (length < 0x10000) writer.u8(0x82).u16(length);
  else if (length < 0x1000000)
    writer
      .u8(0x83)
      .u8(length >>> 16)
      .u16(length & 0xffff);
  else writer.u8(0x84).u32(length);
}
