/**
 * The frames of the wired link layer: acknowledgement E5, short frame `10 C A CS 16`, and long frame
 * `68 L L 68 C A CI … CS 16` (with L = 3 called control frame). Decode and encode side by side.
 * @see EN 13757-2, FT 1.2 frames of IEC 60870-5
 */
import { DecodeError, type DecodeReason } from "../../../cosem/codec/bytes.js";

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

/** What stands at a place in a byte stream. `size` of a fault: that of the whole frame whose head was sound. */
export type FrameCheck =
  | { readonly kind: "sound"; readonly frame: LinkFrame; readonly size: number }
  | { readonly kind: "incomplete" }
  | {
      readonly kind: "fault";
      readonly reason: DecodeReason;
      readonly offset: number;
      readonly size: number | undefined;
    };

const incomplete: FrameCheck = { kind: "incomplete" };
const ack: FrameCheck = { kind: "sound", frame: { kind: "ack" }, size: 1 };

/**
 * Decodes exactly one frame; the application data is a view, not a copy.
 * @throws DecodeError `badStartByte`, `badLength` (L below 3), `lengthMismatch` (the two L bytes differ), `truncated`,
 * `badStopByte`, `badChecksum` or `trailingBytes`, with the offset of the byte at fault
 */
export function decodeLinkFrame(bytes: Uint8Array): LinkFrame {
  const check = checkFrameAt(bytes, 0);
  if (check.kind === "fault") throw new DecodeError(check.reason, check.offset, layer);
  if (check.kind === "incomplete") throw new DecodeError("truncated", bytes.length, layer);
  const left = bytes.length - check.size;
  if (left > 0) throw new DecodeError("trailingBytes", check.size, layer, `${left} left`);
  return check.frame;
}

/** Looks for a frame that begins at `start`; never throws, so that a stream can be searched byte by byte. */
export function checkFrameAt(bytes: Uint8Array, start: number): FrameCheck {
  const there = bytes.length - start;
  if (there < 1) return incomplete;
  const first = bytes[start];
  if (first === ackByte) return ack;
  if (first === shortStart) return there < 5 ? incomplete : checkBody(bytes, start, 5);
  if (first !== longStart) return fault("badStartByte", start);
  if (there < 2) return incomplete;
  const length = bytes[start + 1] ?? 0;
  if (length < 3) return fault("badLength", start + 1);
  if (there < 3) return incomplete;
  if (bytes[start + 2] !== length) return fault("lengthMismatch", start + 2);
  if (there < 4) return incomplete;
  if (bytes[start + 3] !== longStart) return fault("badStartByte", start + 3);
  return there < length + 6 ? incomplete : checkBody(bytes, start, length + 6);
}

/** Stop byte, checksum and fields of a frame whose head is sound. */
function checkBody(bytes: Uint8Array, start: number, size: number): FrameCheck {
  const last = start + size - 1;
  const body = size === 5 ? start + 1 : start + 4;
  if (bytes[last] !== stopByte) return fault("badStopByte", last, size);
  if (bytes[last - 1] !== checksumOf(bytes, body, last - 1)) return fault("badChecksum", last - 1, size);
  const control = bytes[body] ?? 0;
  const address = bytes[body + 1] ?? 0;
  if (size === 5) return { kind: "sound", frame: { kind: "short", control, address }, size };
  const applicationData = bytes.subarray(body + 2, last - 1);
  return { kind: "sound", frame: { kind: "long", control, address, applicationData }, size };
}

function fault(reason: DecodeReason, offset: number, size?: number): FrameCheck {
  return { kind: "fault", reason, offset, size };
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
