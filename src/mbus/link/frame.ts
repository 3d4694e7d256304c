/**
 * The frames of the wired link layer: acknowledgement E5, short frame `10 C A CS 16`, and long frame
 * `68 L L 68 C A CI … CS 16` (with L = 3 called control frame). Decode and encode side by side.
 * @see EN 13757-2, FT 1.2 frames of IEC 60870-5
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";

/** One whole, checked frame. */
export type LinkFrame =
  | { readonly kind: "ack" }
  | { readonly kind: "short"; readonly control: number; readonly address: number }
  | {
      readonly kind: "long";
      readonly control: number;
      readonly address: number;
      /** From the CI field to the byte before the checksum: 1 to 253 bytes. */
      readonly applicationData: Uint8Array;
    };

export const ackByte = 0xe5;
export const shortStart = 0x10;
export const longStart = 0x68;
export const stopByte = 0x16;
/** `68 FF FF 68`, 255 bytes, checksum, stop byte. */
export const maxFrameBytes = 261;
export const maxApplicationBytes = 253;

const layer = "mbus link";

/** Sum of the bytes from `start` to before `end`, modulo 256: what the checksum byte holds. */
export function checksumOf(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let index = start; index < end; index++) sum += bytes[index] ?? 0;
  return sum & 0xff;
}

/**
 * Decodes exactly one frame; the application data is a view, not a copy.
 * @throws DecodeError `badStartByte`, `badLength` (L below 3), `lengthMismatch` (the two L bytes differ), `truncated`,
 * `badStopByte`, `badChecksum` or `trailingBytes`, with the offset of the byte at fault
 */
export function decodeLinkFrame(bytes: Uint8Array): LinkFrame {
  const size = frameSizeAt(bytes, 0, bytes.length);
  if (size === undefined) throw new DecodeError("truncated", bytes.length, layer);
  const frame = decodeFrameAt(bytes, 0, size);
  if (bytes.length > size) throw new DecodeError("trailingBytes", size, layer, `${bytes.length - size} left`);
  return frame;
}

/**
 * Size of the frame that begins at `start`, as its head announces it.
 * @returns undefined when the bytes before `end` are too few to say, or too few for the whole frame
 * @throws DecodeError `badStartByte`, `lengthMismatch`, `badLength`
 */
export function frameSizeAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start >= end) return undefined;
  const first = bytes[start];
  if (first === ackByte) return 1;
  if (first === shortStart) return end - start >= 5 ? 5 : undefined;
  if (first !== longStart) throw new DecodeError("badStartByte", start, layer);
  if (end - start < 2) return undefined;
  const length = bytes[start + 1] ?? 0;
  if (length < 3) throw new DecodeError("badLength", start + 1, layer, `L is ${length}`);
  if (end - start < 3) return undefined;
  if (bytes[start + 2] !== length) throw new DecodeError("lengthMismatch", start + 2, layer);
  if (end - start < 4) return undefined;
  if (bytes[start + 3] !== longStart) throw new DecodeError("badStartByte", start + 3, layer, "second start byte");
  return end - start >= length + 6 ? length + 6 : undefined;
}

/** Checks and reads the frame of `size` bytes (from frameSizeAt) at `start`. */
export function decodeFrameAt(bytes: Uint8Array, start: number, size: number): LinkFrame {
  if (size === 1) return { kind: "ack" };
  const last = start + size - 1;
  if (bytes[last] !== stopByte) throw new DecodeError("badStopByte", last, layer);
  const body = size === 5 ? start + 1 : start + 4;
  if (bytes[last - 1] !== checksumOf(bytes, body, last - 1)) throw new DecodeError("badChecksum", last - 1, layer);
  const control = bytes[body] ?? 0;
  const address = bytes[body + 1] ?? 0;
  if (size === 5) return { kind: "short", control, address };
  return { kind: "long", control, address, applicationData: bytes.subarray(body + 2, last - 1) };
}

export function encodeAck(): Uint8Array {
  return Uint8Array.of(ackByte);
}

/** `10 C A CS 16`. */
export function encodeShortFrame(control: number, address: number): Uint8Array {
  return Uint8Array.of(shortStart, control, address, (control + address) & 0xff, stopByte);
}

/**
 * `68 L L 68 C A CI … CS 16`; `applicationData` begins with the CI field.
 * @throws RangeError when it has no byte or more than 253
 */
export function encodeLongFrame(control: number, address: number, applicationData: Uint8Array): Uint8Array {
  if (applicationData.length < 1 || applicationData.length > maxApplicationBytes) {
    throw new RangeError(`a long frame carries 1 to ${maxApplicationBytes} bytes, not ${applicationData.length}`);
  }
  const length = applicationData.length + 2;
  const bytes = new Uint8Array(length + 6);
  bytes.set([longStart, length, length, longStart, control, address]);
  bytes.set(applicationData, 6);
  bytes[length + 4] = checksumOf(bytes, 4, length + 4);
  bytes[length + 5] = stopByte;
  return bytes;
}

export function encodeLinkFrame(frame: LinkFrame): Uint8Array {
  if (frame.kind === "ack") return encodeAck();
  if (frame.kind === "short") return encodeShortFrame(frame.control, frame.address);
  return encodeLongFrame(frame.control, frame.address, frame.applicationData);
}
