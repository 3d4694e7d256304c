/** general-ciphering (IEC 62056-5-3, clause 8.5): a ciphered text that names its parties and says which key it has. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { cipheringTag } from "./ciphering.js";
import { readOctets, readPresence, writeOctets } from "./descriptor.js";

/** The head of general-ciphering and general-signing; each field may be empty. */
export interface GeneralHeader {
  readonly transactionId: Uint8Array;
  readonly originatorSystemTitle: Uint8Array;
  readonly recipientSystemTitle: Uint8Array;
  /** 12 octets or none. */
  readonly dateTime: Uint8Array;
  readonly otherInformation: Uint8Array;
}

export type KeyInfo =
  /** keyId: 0 global unicast, 1 global broadcast encryption key. */
  | { readonly kind: "identified"; readonly keyId: number }
  /** kekId: 0 master key. */
  | { readonly kind: "wrapped"; readonly kekId: number; readonly wrappedKey: Uint8Array }
  /** keyParameters: 01 = C(1e, 1s), 02 = C(0e, 2s); keyData: ephemeral public key and its signature, or nothing. */
  | { readonly kind: "agreed"; readonly keyParameters: Uint8Array; readonly keyData: Uint8Array };

export interface GeneralCiphering extends GeneralHeader {
  /** Undefined: left out, both sides know the key. */
  readonly keyInfo: KeyInfo | undefined;
  /** Security control byte, invocation counter, text, tag. */
  readonly content: Uint8Array;
}

/** All octet strings are views into the APDU. @throws DecodeError */
export function decodeGeneralCiphering(apdu: Uint8Array): GeneralCiphering {
  const reader = new ByteReader(apdu, "general-ciphering");
  if (reader.u8() !== cipheringTag.generalCiphering) reader.fail("unknownTag", undefined, 0);
  const header = readGeneralHeader(reader);
  const keyInfo = readPresence(reader) ? readKeyInfo(reader) : undefined;
  const content = readOctets(reader);
  reader.expectEnd();
  return { ...header, keyInfo, content };
}

export function encodeGeneralCiphering(ciphering: GeneralCiphering): Uint8Array {
  const writer = new ByteWriter(ciphering.content.length + 256).u8(cipheringTag.generalCiphering);
  writeGeneralHeader(writer, ciphering);
  if (ciphering.keyInfo === undefined) writer.u8(0);
  else writeKeyInfo(writer.u8(1), ciphering.keyInfo);
  writeOctets(writer, ciphering.content);
  return writer.finish();
}

export function readGeneralHeader(reader: ByteReader): GeneralHeader {
  return {
    transactionId: readOctets(reader),
    originatorSystemTitle: readOctets(reader),
    recipientSystemTitle: readOctets(reader),
    dateTime: readOctets(reader),
    otherInformation: readOctets(reader),
  };
}

/** The five fields with their lengths: the same octets are authenticated, and signed. */
export function writeGeneralHeader(writer: ByteWriter, header: GeneralHeader): void {
  writeOctets(writer, header.transactionId);
  writeOctets(writer, header.originatorSystemTitle);
  writeOctets(writer, header.recipientSystemTitle);
  writeOctets(writer, header.dateTime);
  writeOctets(writer, header.otherInformation);
}

export function encodeGeneralHeader(header: GeneralHeader): Uint8Array {
  const writer = new ByteWriter(64);
  writeGeneralHeader(writer, header);
  return writer.finish();
}

function readKeyInfo(reader: ByteReader): KeyInfo {
  const start = reader.offset;
  switch (reader.u8()) {
    case 0:
      return { kind: "identified", keyId: reader.u8() };
    case 1:
      return { kind: "wrapped", kekId: reader.u8(), wrappedKey: readOctets(reader) };
    case 2:
      return { kind: "agreed", keyParameters: readOctets(reader), keyData: readOctets(reader) };
    default:
      return reader.fail("badValue", "key-info", start);
  }
}

function writeKeyInfo(writer: ByteWriter, keyInfo: KeyInfo): void {
  if (keyInfo.kind === "identified") {
    writer.u8(0).u8(keyInfo.keyId);
  } else if (keyInfo.kind === "wrapped") {
    writeOctets(writer.u8(1).u8(keyInfo.kekId), keyInfo.wrappedKey);
  } else {
    writeOctets(writer.u8(2), keyInfo.keyParameters);
    writeOctets(writer, keyInfo.keyData);
  }
}
