/** general-signing (IEC 62056-5-3, clause 8.5): an APDU, plain or ciphered, with the signature of its originator. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { cipheringTag } from "./ciphering.js";
import { readOctets, writeOctets } from "./descriptor.js";
import { type GeneralHeader, readGeneralHeader, writeGeneralHeader } from "./general-ciphering.js";

export interface GeneralSigning extends GeneralHeader {
  /** The APDU inside. */
  readonly content: Uint8Array;
  /** r || s. */
  readonly signature: Uint8Array;
}

/** All octet strings are views into the APDU. @throws DecodeError */
export function decodeGeneralSigning(apdu: Uint8Array): GeneralSigning {
  const reader = new ByteReader(apdu, "general-signing");
  if (reader.u8() !== cipheringTag.generalSigning) reader.fail("unknownTag", undefined, 0);
  const header = readGeneralHeader(reader);
  const content = readOctets(reader);
  const signature = readOctets(reader);
  reader.expectEnd();
  return { ...header, content, signature };
}

export function encodeGeneralSigning(signing: GeneralSigning): Uint8Array {
  const writer = new ByteWriter(signing.content.length + 256).u8(cipheringTag.generalSigning);
  writeGeneralHeader(writer, signing);
  writeOctets(writer, signing.content);
  writeOctets(writer, signing.signature);
  return writer.finish();
}

/**
 * The octets that are signed: the header fields with their lengths, then the content without its length. One
 * implementation (Gurux Java) is known to read the standard so, and none that reads it otherwise.
 */
export function signedOctets(header: GeneralHeader, content: Uint8Array): Uint8Array {
  const writer = new ByteWriter(content.length + 64);
  writeGeneralHeader(writer, header);
  return writer.bytes(content).finish();
}
