/**
 * What client and server agree on when a link is set up (IEC 62056-46): how long an information field may be and how many
 * frames go out before an answer, for each direction. Proposed in the SNRM, decided in the UA that answers it.
 */
import { ByteReader, ByteWriter, DecodeError } from "../../codec/bytes.js";

/** As seen by the side that holds it. */
export interface HdlcParameters {
  /** Octets of an information field: 32 to 2,030. */
  readonly maxInfoTransmit: number;
  readonly maxInfoReceive: number;
  /** Frames: 1 to 7. */
  readonly windowTransmit: number;
  readonly windowReceive: number;
}

/** What holds where nothing is said. */
export const defaultHdlcParameters: HdlcParameters = {
  maxInfoTransmit: 128,
  maxInfoReceive: 128,
  windowTransmit: 1,
  windowReceive: 1,
};

/** The format allows 2,047 octets a frame; header, check sequences and addresses take up to 17. */
export const hdlcLimits = { minInfo: 32, maxInfo: 2030, minWindow: 1, maxWindow: 7 } as const;

const formatIdentifier = 0x81;
const groupIdentifier = 0x80;
const identifier = { maxInfoTransmit: 0x05, maxInfoReceive: 0x06, windowTransmit: 0x07, windowReceive: 0x08 } as const;

/** The information field of a UA that answers a SNRM: all four; windows in four octets. */
export function encodeHdlcParameters(parameters: HdlcParameters): Uint8Array {
  const writer = new ByteWriter(32);
  writer.u8(formatIdentifier).u8(groupIdentifier).u8(0);
  writeLength(writer, identifier.maxInfoTransmit, parameters.maxInfoTransmit);
  writeLength(writer, identifier.maxInfoReceive, parameters.maxInfoReceive);
  writer.u8(identifier.windowTransmit).u8(4).u32(parameters.windowTransmit);
  writer.u8(identifier.windowReceive).u8(4).u32(parameters.windowReceive);
  const bytes = writer.finish();
  bytes[2] = bytes.length - 3;
  return bytes;
}

function writeLength(writer: ByteWriter, id: number, length: number): void {
  writer.u8(id);
  if (length <= 0xff) writer.u8(1).u8(length);
  else writer.u8(2).u16(length);
}

/** The information field of a SNRM: what differs from the defaults; nothing where nothing does. */
export function encodeHdlcProposal(parameters: HdlcParameters): Uint8Array {
  const isDefault = (key: keyof HdlcParameters) => parameters[key] === defaultHdlcParameters[key];
  const writer = new ByteWriter(32);
  writer.u8(formatIdentifier).u8(groupIdentifier).u8(0);
  if (!isDefault("maxInfoTransmit") || !isDefault("maxInfoReceive")) {
    writeLength(writer, identifier.maxInfoTransmit, parameters.maxInfoTransmit);
    writeLength(writer, identifier.maxInfoReceive, parameters.maxInfoReceive);
  }
  if (!isDefault("windowTransmit") || !isDefault("windowReceive")) {
    writer.u8(identifier.windowTransmit).u8(4).u32(parameters.windowTransmit);
    writer.u8(identifier.windowReceive).u8(4).u32(parameters.windowReceive);
  }
  const bytes = writer.finish();
  bytes[2] = bytes.length - 3;
  return bytes.length > 3 ? bytes : new Uint8Array(0);
}

/**
 * Reads the information field of a SNRM or UA, as the side that sent it sees it. What it does not name has its default;
 * parameters not known here are passed over.
 * @throws DecodeError
 */
export function decodeHdlcParameters(bytes: Uint8Array): HdlcParameters {
  if (bytes.length === 0) return defaultHdlcParameters;
  const reader = new ByteReader(bytes, "hdlc");
  if (reader.u8() !== formatIdentifier) reader.fail("unknownTag", "format identifier", 0);
  if (reader.u8() !== groupIdentifier) reader.fail("unknownTag", "group identifier", 1);
  const length = reader.u8();
  if (length > reader.remaining) reader.fail("truncated");
  const end = reader.offset + length;
  const named = new Map<number, number>();
  while (reader.offset < end) {
    const id = reader.u8();
    const value = integer(reader.view8(reader.u8()));
    named.set(id, value);
  }
  if (reader.offset > end) throw new DecodeError("badLength", 2, "hdlc");
  const info = (id: number) => clamp(named.get(id) ?? 128, hdlcLimits.minInfo, hdlcLimits.maxInfo);
  const window = (id: number) => clamp(named.get(id) ?? 1, hdlcLimits.minWindow, hdlcLimits.maxWindow);
  return {
    maxInfoTransmit: info(identifier.maxInfoTransmit),
    maxInfoReceive: info(identifier.maxInfoReceive),
    windowTransmit: window(identifier.windowTransmit),
    windowReceive: window(identifier.windowReceive),
  };
}

function integer(bytes: Uint8Array): number {
  let value = 0;
  for (const octet of bytes) value = Math.min(value * 256 + octet, 0xffff_ffff);
  return value;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** What `own` side may use where the `peer` (as it sees itself) has said what it can. */
export function agreeOnParameters(own: HdlcParameters, peer: HdlcParameters): HdlcParameters {
  return {
    maxInfoTransmit: Math.min(own.maxInfoTransmit, peer.maxInfoReceive),
    maxInfoReceive: Math.min(own.maxInfoReceive, peer.maxInfoTransmit),
    windowTransmit: Math.min(own.windowTransmit, peer.windowReceive),
    windowReceive: Math.min(own.windowReceive, peer.windowTransmit),
  };
}

/** @throws RangeError for what the format cannot carry */
export function checkHdlcParameters(parameters: HdlcParameters): void {
  const { minInfo, maxInfo, minWindow, maxWindow } = hdlcLimits;
  const check = (name: string, value: number, min: number, max: number) => {
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`${name} ${value}: ${min} to ${max} are permitted`);
    }
  };
  check("maxInfoTransmit", parameters.maxInfoTransmit, minInfo, maxInfo);
  check("maxInfoReceive", parameters.maxInfoReceive, minInfo, maxInfo);
  check("windowTransmit", parameters.windowTransmit, minWindow, maxWindow);
  check("windowReceive", parameters.windowReceive, minWindow, maxWindow);
}
