/**
 * The BER of ACSE (ISO/IEC 8825-1), read and written by asn1js and reduced to what association control needs: a tree
 * of tags with their contents. Depth and number of nodes are bounded.
 */
import { type BaseBlock, Constructed, fromBER, Integer, ObjectIdentifier, OctetString, Primitive } from "asn1js";
import { DecodeError } from "./bytes.js";

const layer = "ber";
const applicationClass = 2;
const contextClass = 3;
const limits = { maxDepth: 8, maxNodes: 128, maxContentLength: 65_536, parseEmbedded: false };

/** One element inside an ACSE APDU. */
export type BerElement = BaseBlock;

/** The members of an ACSE APDU by context tag; where a tag comes twice, the first counts. */
export type AcseMembers = ReadonlyMap<number, BerElement>;

/**
 * Opens an ACSE APDU.
 * @param applicationTag  0 AARQ, 1 AARE, 2 RLRQ, 3 RLRE
 * @throws DecodeError `unknownTag`, `badLength` (not BER), `trailingBytes`
 */
export function readAcse(bytes: Uint8Array, applicationTag: number): AcseMembers {
  const { offset, result } = parse(bytes);
  if (offset !== bytes.length) throw new DecodeError("trailingBytes", offset, layer);
  if (!isTagged(result, applicationClass, applicationTag) || !(result instanceof Constructed)) {
    throw new DecodeError("unknownTag", 0, layer, `application tag ${applicationTag} wanted`);
  }
  const members = new Map<number, BerElement>();
  for (const member of result.valueBlock.value) {
    if (member.idBlock.tagClass === contextClass && !members.has(member.idBlock.tagNumber)) {
      members.set(member.idBlock.tagNumber, member);
    }
  }
  return members;
}

/** The length of the outermost element is checked first: asn1js takes bytes behind it for nothing. */
function parse(bytes: Uint8Array) {
  try {
    const { offset, result } = fromBER(bytes, limits);
    if (offset === -1) throw new DecodeError("badLength", 0, layer, result.error);
    return { offset, result };
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError("badValue", 0, layer, "not BER");
  }
}

function isTagged(element: BerElement, tagClass: number, tagNumber: number): boolean {
  return element.idBlock.tagClass === tagClass && element.idBlock.tagNumber === tagNumber;
}

/** The only element inside an explicit tag. @throws DecodeError `badValue` */
export function berInner(element: BerElement): BerElement {
  const inner = element instanceof Constructed ? element.valueBlock.value[0] : undefined;
  if (inner === undefined) throw new DecodeError("badValue", 0, layer, "an empty tag");
  return inner;
}

/** Contents octets of a primitive or OCTET STRING, as a copy. @throws DecodeError `badValue` for a constructed one */
export function berOctets(element: BerElement): Uint8Array {
  if (element instanceof Primitive || element instanceof OctetString)
    return new Uint8Array(element.valueBlock.valueHexView);
  throw new DecodeError("badValue", 0, layer, "octets wanted");
}

/** @throws DecodeError `badValue` when it is no INTEGER of up to 4 bytes */
export function berInteger(element: BerElement): number {
  if (element instanceof Integer && element.valueBlock.valueHexView.length <= 4) return element.valueBlock.valueDec;
  throw new DecodeError("badValue", 0, layer, "a small INTEGER wanted");
}

/** Arcs of an OBJECT IDENTIFIER, which may also stand bare under an implicit tag. @throws DecodeError `badValue` */
export function berObjectIdentifier(element: BerElement): readonly number[] {
  if (element instanceof ObjectIdentifier) return arcs(element);
  const contents = berOctets(element);
  if (contents.length === 0 || contents.length > 127)
    throw new DecodeError("badValue", 0, layer, "no OBJECT IDENTIFIER");
  const { result } = parse(Uint8Array.of(0x06, contents.length, ...contents));
  if (!(result instanceof ObjectIdentifier)) throw new DecodeError("badValue", 0, layer, "no OBJECT IDENTIFIER");
  return arcs(result);
}

function arcs(identifier: ObjectIdentifier): readonly number[] {
  const numbers = identifier.getValue().split(".").map(Number);
  if (numbers.length < 2 || !numbers.every(Number.isSafeInteger)) {
    throw new DecodeError("badValue", 0, layer, "no OBJECT IDENTIFIER");
  }
  return numbers;
}

/** Whether bit 0 (the first) of a BIT STRING under an implicit tag is set. */
export function berFirstBit(element: BerElement): boolean {
  const contents = berOctets(element);
  return contents.length > 1 && ((contents[1] ?? 0) & 0x80) !== 0;
}

export function writeAcse(applicationTag: number, members: readonly BerElement[]): Uint8Array {
  const block = new Constructed({
    idBlock: { tagClass: applicationClass, tagNumber: applicationTag },
    value: [...members],
  });
  return new Uint8Array(block.toBER());
}

/** A primitive member: `8x`, with these contents. */
export function implicitMember(tagNumber: number, contents: Uint8Array): BerElement {
  return new Primitive({ idBlock: { tagClass: contextClass, tagNumber }, valueHex: contents });
}

/** A constructed member: `Ax`, around `inner`. */
export function explicitMember(tagNumber: number, inner: BerElement): BerElement {
  return new Constructed({ idBlock: { tagClass: contextClass, tagNumber }, value: [inner] });
}

export const octetStringElement = (contents: Uint8Array): BerElement => new OctetString({ valueHex: contents });
export const integerElement = (value: number): BerElement => new Integer({ value });
export const objectIdentifierElement = (identifier: readonly number[]): BerElement =>
  new ObjectIdentifier({ value: identifier.join(".") });

/** Contents octets of an OBJECT IDENTIFIER, as attributes and implicit tags hold them. */
export function objectIdentifierContents(identifier: readonly number[]): Uint8Array {
  return new Uint8Array(objectIdentifierElement(identifier).toBER()).slice(2);
}
