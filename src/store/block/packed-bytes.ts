/** Bytes without a structure that we know: deflated where that pays. */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { BlockError, type BlockReader, type BlockWriter } from "./block-bytes.js";

const as = { plain: 0, deflated: 1 } as const;

export function writePacked(bytes: Uint8Array, into: BlockWriter): void {
  const deflated = deflateRawSync(bytes, { level: 9 });
  const isShorter = deflated.length < bytes.length;
  into.byte(isShorter ? as.deflated : as.plain);
  const chosen = isShorter ? deflated : bytes;
  into.varint(chosen.length);
  into.raw(chosen);
}

/** @param most  more bytes than these are damage @throws BlockError */
export function readPacked(from: BlockReader, most: number): Uint8Array {
  const how = from.byte();
  const packed = from.raw(from.varint(most));
  if (how === as.plain) return packed;
  if (how !== as.deflated) throw new BlockError(`bytes are packed in the unknown way ${how}`);
  try {
    // Not a Buffer, whose slice() is a view: rows are plain bytes whichever way they came.
    const { buffer, byteOffset, length } = inflateRawSync(packed, { maxOutputLength: Math.max(1, most) });
    return new Uint8Array(buffer, byteOffset, length);
  } catch {
    throw new BlockError("packed bytes cannot be unpacked");
  }
}
