/** general-block-transfer (IEC 62056-5-3, clause 8.5): a numbered piece of any other APDU, with its acknowledgement. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { readOctets, writeOctets } from "./descriptor.js";
import { apduTag } from "./tags.js";

export interface GeneralBlock {
  readonly lastBlock: boolean;
  /** More blocks of this window follow at once: no acknowledgement is due yet. */
  readonly streaming: boolean;
  /** How many blocks the sender of this one takes in a row, 0 to 63. */
  readonly window: number;
  /** From 1. */
  readonly blockNumber: number;
  /** The last block taken of the other side without a gap; 0 before the first. */
  readonly blockNumberAck: number;
  /** A view into the APDU. Empty where the block is an acknowledgement alone. */
  readonly data: Uint8Array;
}

const bit = { last: 0x80, streaming: 0x40 } as const;
/** Largest window that the control byte holds. */
export const largestBlockWindow = 0x3f;
/** Tag, control, both numbers and the longest length of a block below 65,536 octets. */
export const longestGeneralBlockHeader = 9;

/** @throws DecodeError also for bytes behind it */
export function decodeGeneralBlock(apdu: Uint8Array): GeneralBlock {
  const reader = new ByteReader(apdu, "general-block-transfer");
  if (reader.u8() !== apduTag.generalBlockTransfer) reader.fail("unknownTag", undefined, 0);
  const control = reader.u8();
  const block = {
    lastBlock: (control & bit.last) !== 0,
    streaming: (control & bit.streaming) !== 0,
    window: control & largestBlockWindow,
    blockNumber: reader.u16(),
    blockNumberAck: reader.u16(),
    data: readOctets(reader),
  };
  reader.expectEnd();
  return block;
}

export function encodeGeneralBlock(block: GeneralBlock): Uint8Array {
  const writer = new ByteWriter(longestGeneralBlockHeader + block.data.length);
  writeGeneralBlock(writer, block);
  return writer.finish();
}

export function writeGeneralBlock(writer: ByteWriter, block: GeneralBlock): void {
  const flags = (block.lastBlock ? bit.last : 0) | (block.streaming ? bit.streaming : 0);
  writer.u8(apduTag.generalBlockTransfer).u8(flags | (block.window & largestBlockWindow));
  writer.u16(block.blockNumber).u16(block.blockNumberAck);
  writeOctets(writer, block.data);
}
