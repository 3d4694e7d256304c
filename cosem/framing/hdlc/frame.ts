/**
 * HDLC frames of format type 3 (IEC 62056-46):
 *
 *     7E | type 1010, segmentation bit, 11 bits of length | destination | source | control | HCS | information | FCS | 7E
 *
 * The length counts all between the flags. The header check sequence (HCS) is there only with an information field.
 * Nothing is escaped: the length tells where a frame ends.
 */
import { ByteWriter, DecodeError } from "../../codec/bytes.js";
import { addressLength, decodeHdlcAddress, type HdlcAddress, writeHdlcAddress } from "./address.js";
import { hdlcChecksum } from "./checksum.js";
import { decodeControl, encodeControl, type HdlcControl } from "./control.js";

export interface HdlcFrame {
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  readonly control: HdlcControl;
  /** Further segments of the same message follow. */
  readonly isSegmented: boolean;
  /** Empty where there is none. A view of the bytes decoded. */
  readonly information: Uint8Array;
}

/** What makes a frame be thrown away unanswered. */
export type HdlcFault =
  | "formatType"
  | "tooShort"
  | "address"
  | "headerCheck"
  | "frameCheck"
  | "missingFlag"
  | "interOctetTimeout";

export const hdlcFlag = 0x7e;
export const maxFrameLength = 0x7ff;
/** Format 2, addresses 1 and 1, control 1, FCS 2. */
const minFrameLength = 7;
const checkLength = 2;

/** Where the frame behind an opening flag stands, as far as its bytes tell. */
export type FrameScan =
  | { readonly kind: "incomplete" }
  | { readonly kind: "faulty"; readonly fault: HdlcFault; readonly next: number }
  /** `next` is the closing flag, which may open the next frame. */
  | { readonly kind: "frame"; readonly frame: HdlcFrame; readonly next: number };

const incomplete: FrameScan = { kind: "incomplete" };

/**
 * Reads the frame whose opening flag is at `flagOffset`. Its header is judged as soon as it is there, so that a broken
 * length holds up nothing.
 */
export function scanHdlcFrame(bytes: Uint8Array, flagOffset: number): FrameScan {
  const faulty = (fault: HdlcFault, next = flagOffset + 1): FrameScan => ({ kind: "faulty", fault, next });
  const start = flagOffset + 1;
  const first = bytes[start];
  if (first === undefined) return incomplete;
  if (first >> 4 !== 0x0a) return faulty("formatType");
  const second = bytes[start + 1];
  if (second === undefined) return incomplete;
  const length = ((first & 0x07) << 8) | second;
  if (length < minFrameLength) return faulty("tooShort");
  const end = start + length;

  const known = Math.min(end - checkLength, bytes.length);
  const destinationStart = start + 2;
  const destinationLength = addressLength(bytes, destinationStart, known);
  if (destinationLength === undefined) {
    return known - destinationStart >= 4 || known === end - checkLength ? faulty("address") : incomplete;
  }
  const sourceStart = destinationStart + destinationLength;
  const sourceLength = addressLength(bytes, sourceStart, known);
  if (sourceLength === undefined) {
    return known - sourceStart >= 4 || known === end - checkLength ? faulty("address") : incomplete;
  }
  const destination = decodeHdlcAddress(bytes, destinationStart, destinationLength);
  const source = decodeHdlcAddress(bytes, sourceStart, sourceLength);
  if (destination === undefined || source === undefined) return faulty("address");
  const controlOffset = sourceStart + sourceLength;
  const rest = end - controlOffset - 1;
  if (rest < checkLength || rest === checkLength + 1) return faulty("tooShort");
  const hasInformation = rest > checkLength;
  const informationStart = controlOffset + 1 + (hasInformation ? checkLength : 0);
  if (hasInformation) {
    if (bytes.length < informationStart) return incomplete;
    if (!isChecked(bytes, start, controlOffset + 1)) return faulty("headerCheck");
  }

  const closing = bytes[end];
  if (closing === undefined) return incomplete;
  if (closing !== hdlcFlag) return faulty("missingFlag");
  if (!isChecked(bytes, start, end - checkLength)) return faulty("frameCheck", end);
  const frame: HdlcFrame = {
    destination,
    source,
    control: decodeControl(bytes[controlOffset] as number),
    isSegmented: (first & 0x08) !== 0,
    information: bytes.subarray(informationStart, hasInformation ? end - checkLength : informationStart),
  };
  return { kind: "frame", frame, next: end };
}

/** Whether the check sequence at `end` is that of the bytes from `start`. */
function isChecked(bytes: Uint8Array, start: number, end: number): boolean {
  return hdlcChecksum(bytes, start, end) === ((bytes[end] as number) | ((bytes[end + 1] as number) << 8));
}

/**
 * One whole frame, flags included.
 * @throws DecodeError with the nearest reason; `badValue` for addresses
 */
export function decodeHdlcFrame(bytes: Uint8Array): HdlcFrame {
  if (bytes[0] !== hdlcFlag) throw new DecodeError("badStartByte", 0, "hdlc");
  const scan = scanHdlcFrame(bytes, 0);
  if (scan.kind === "incomplete") throw new DecodeError("truncated", bytes.length, "hdlc");
  if (scan.kind === "faulty") throw new DecodeError(reasonOf[scan.fault], 0, "hdlc", scan.fault);
  if (scan.next !== bytes.length - 1) throw new DecodeError("trailingBytes", scan.next + 1, "hdlc");
  return scan.frame;
}

const reasonOf = {
  formatType: "badValue",
  tooShort: "badLength",
  address: "badValue",
  headerCheck: "badChecksum",
  frameCheck: "badChecksum",
  missingFlag: "badStopByte",
  interOctetTimeout: "truncated",
} as const;

const noInformation = new Uint8Array(0);

export interface OutgoingHdlcFrame {
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  readonly control: HdlcControl;
  readonly isSegmented?: boolean;
  readonly information?: Uint8Array;
}

/** With both flags. @throws RangeError for an information field that does not fit */
export function encodeHdlcFrame(frame: OutgoingHdlcFrame): Uint8Array {
  const { destination, source, control, isSegmented = false, information = noInformation } = frame;
  const headerLength = 2 + destination.length + source.length + 1;
  const length = headerLength + (information.length > 0 ? checkLength + information.length : 0) + checkLength;
  if (length > maxFrameLength) throw new RangeError(`a frame of ${length} octets: 2,047 are permitted`);
  const writer = new ByteWriter(length + 2);
  writer.u8(hdlcFlag).u16(0xa000 | (isSegmented ? 0x0800 : 0) | length);
  writeHdlcAddress(writer, destination);
  writeHdlcAddress(writer, source);
  writer.u8(encodeControl(control));
  if (information.length > 0) {
    writeChecksum(writer);
    writer.bytes(information);
  }
  writeChecksum(writer);
  return writer.u8(hdlcFlag).finish();
}

function writeChecksum(writer: ByteWriter): void {
  const checksum = hdlcChecksum(writer.finish(), 1, writer.length);
  writer.u8(checksum & 0xff).u8(checksum >> 8);
}
