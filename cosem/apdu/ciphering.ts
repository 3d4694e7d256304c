/**
 * The frame around a ciphered text: glo- and ded- of each service, general-glo- and general-ded-ciphering
 * (IEC 62056-5-3, clause 8.5). What the text holds (control byte, counter, tag) is the matter of cosem/security.
 */
import { readLength, writeLength } from "../codec/axdr-length.js";
import { ByteReader, ByteWriter, DecodeError } from "../codec/bytes.js";

/** Tags of glo- and ded- APDUs by the tag of the plain one. */
const cipheredTags: ReadonlyMap<number, { readonly glo: number; readonly ded: number }> = new Map(
  [
    [0x01, 0x21, 0x41], // initiate-request
    [0x05, 0x25, 0x45], // read-request
    [0x06, 0x26, 0x46], // write-request
    [0x08, 0x28, 0x48], // initiate-response
    [0x0c, 0x2c, 0x4c], // read-response
    [0x0d, 0x2d, 0x4d], // write-response
    [0x0e, 0x2e, 0x4e], // confirmed-service-error
    [0x16, 0x36, 0x56], // unconfirmed-write-request
    [0x18, 0x38, 0x58], // information-report-request
    [0xc0, 0xc8, 0xd0], // get-request
    [0xc1, 0xc9, 0xd1], // set-request
    [0xc2, 0xca, 0xd2], // event-notification-request
    [0xc3, 0xcb, 0xd3], // action-request
    [0xc4, 0xcc, 0xd4], // get-response
    [0xc5, 0xcd, 0xd5], // set-response
    [0xc7, 0xcf, 0xd7], // action-response
  ].map(([plain = 0, glo = 0, ded = 0]) => [plain, { glo, ded }]),
);

export const cipheringTag = {
  generalGloCiphering: 0xdb,
  generalDedCiphering: 0xdc,
  generalCiphering: 0xdd,
  generalSigning: 0xdf,
} as const;

export type CipheringKind = "glo" | "ded" | "generalGlo" | "generalDed";

interface TagMeaning {
  readonly kind: CipheringKind;
  /** Tag that the plain APDU inside must have; undefined in the general forms, which hold any. */
  readonly plainTag: number | undefined;
}

const meanings: ReadonlyMap<number, TagMeaning> = new Map<number, TagMeaning>([
  ...[...cipheredTags].flatMap(([plainTag, { glo, ded }]): [number, TagMeaning][] => [
    [glo, { kind: "glo", plainTag }],
    [ded, { kind: "ded", plainTag }],
  ]),
  [cipheringTag.generalGloCiphering, { kind: "generalGlo", plainTag: undefined }],
  [cipheringTag.generalDedCiphering, { kind: "generalDed", plainTag: undefined }],
]);

export interface CipheredApdu extends TagMeaning {
  /** With the general forms alone; may be empty, which means the title that the association knows. A view. */
  readonly systemTitle: Uint8Array | undefined;
  /** Security control byte, invocation counter, text, tag. A view. */
  readonly content: Uint8Array;
}

/** True for each form that is protected: these four, general-ciphering and general-signing. */
export function isProtectedTag(tag: number | undefined): boolean {
  if (tag === undefined) return false;
  return meanings.has(tag) || tag === cipheringTag.generalCiphering || tag === cipheringTag.generalSigning;
}

/** @throws DecodeError `unknownTag` for every other APDU, `truncated`, `trailingBytes`, `badLength` */
export function decodeCipheredApdu(apdu: Uint8Array): CipheredApdu {
  const meaning = meanings.get(apdu[0] ?? -1);
  if (meaning === undefined) throw new DecodeError("unknownTag", 0, "ciphering");
  const reader = new ByteReader(apdu, "ciphering", 1);
  const isGeneral = meaning.plainTag === undefined;
  const systemTitle = isGeneral ? reader.view8(readLength(reader)) : undefined;
  const content = reader.view8(readLength(reader));
  reader.expectEnd();
  return { kind: meaning.kind, plainTag: meaning.plainTag, systemTitle, content };
}

/** @returns undefined where a plain APDU has no glo- or ded- form (notifications, ACCESS, exception-response) */
export function cipheredTagOf(kind: "glo" | "ded", plainTag: number | undefined): number | undefined {
  return plainTag === undefined ? undefined : cipheredTags.get(plainTag)?.[kind];
}

/** @param systemTitle  with the general forms */
export function encodeCipheredApdu(tag: number, systemTitle: Uint8Array | undefined, content: Uint8Array): Uint8Array {
  const writer = new ByteWriter(content.length + 16).u8(tag);
  if (systemTitle !== undefined) {
    writeLength(writer, systemTitle.length);
    writer.bytes(systemTitle);
  }
  writeLength(writer, content.length);
  return writer.bytes(content).finish();
}
