/**
 * X.509 certificates as Security setup needs them (IEC 62056-5-3, clause 5: profile of certificates): node:crypto checks
 * signatures and keys, asn1js takes out the fields that Node does not show as they are encoded.
 */
import { X509Certificate } from "node:crypto";
import {
  BitString,
  Constructed,
  fromBER,
  type ObjectIdentifier,
  OctetString,
  Sequence,
  type Set as SetOf,
} from "asn1js";
import { type CurvePublicKey, publicKeyFromPoint } from "./curve-keys.js";

export type CertificatePurpose = "signing" | "agreement" | "tls" | "other";

export interface Certificate {
  readonly der: Uint8Array;
  /** Contents octets of the INTEGER. */
  readonly serialNumber: Uint8Array;
  /** DER of the name. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** DER inside the extension; empty without one. */
  readonly subjectAltName: Uint8Array;
  /** System title that the common name holds in 16 hex digits; undefined where it holds another name. */
  readonly systemTitle: Uint8Array | undefined;
  readonly purpose: CertificatePurpose;
  readonly isAuthority: boolean;
  /** Undefined: a key on another curve, or of another kind. */
  readonly publicKey: CurvePublicKey | undefined;
  /** Milliseconds since 1970 UTC, both included. */
  readonly validFrom: number;
  readonly validTo: number;
}

const oid = {
  commonName: "2.5.4.3",
  subjectAltName: "2.5.29.17",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
};
/** Bits of the first octet of key usage. */
const usage = { digitalSignature: 0x80, keyAgreement: 0x08 };
const extensionsTag = 3;
const contextClass = 3;

/** Undefined: the octets are no X.509 certificate, or there is something behind it. */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  try {
    return certificateOf(new Uint8Array(der));
  } catch {
    // Node and asn1js throw errors of many kinds for octets that are none; their words are of no use to a peer.
    return undefined;
  }
}

function certificateOf(der: Uint8Array): Certificate | undefined {
  const parsed = fromBER(der);
  if (parsed.offset !== der.length || !(parsed.result instanceof Sequence)) return undefined;
  const x509 = new X509Certificate(der);
  const [toBeSigned] = parsed.result.valueBlock.value;
  if (!(toBeSigned instanceof Sequence)) return undefined;
  const fields = toBeSigned.valueBlock.value;
  // The version stands first, in a context tag, since version 3 is wanted.
  const [, serialNumber, , issuer, , subject] = fields;
  if (serialNumber === undefined || issuer === undefined || subject === undefined) return undefined;
  const extensions = extensionsOf(fields);
  return {
    der,
    serialNumber: contentsOf(serialNumber.valueBeforeDecodeView),
    issuer: octets(issuer.valueBeforeDecodeView),
    subject: octets(subject.valueBeforeDecodeView),
    subjectAltName: extensions.get(oid.subjectAltName) ?? new Uint8Array(0),
    systemTitle: systemTitleOf(subject),
    purpose: purposeOf(extensions),
    isAuthority: x509.ca,
    publicKey: publicKeyOf(x509),
    validFrom: Date.parse(x509.validFrom),
    validTo: Date.parse(x509.validTo),
  };
}

/** Whether `issuer` is an authority and has signed `certificate`. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (!issuer.isAuthority || !areEqualOctets(certificate.issuer, issuer.subject)) return false;
  const signed = new X509Certificate(certificate.der);
  const signer = new X509Certificate(issuer.der);
  return signed.checkIssued(signer) && signed.verify(signer.publicKey);
}

/** The same certificate is named by its number and who issued it; leading zero octets of the number count for nothing. */
export function isNamedBy(certificate: Certificate, serialNumber: Uint8Array, issuer: Uint8Array): boolean {
  return (
    areEqualOctets(withoutLeadingZeros(certificate.serialNumber), withoutLeadingZeros(serialNumber)) &&
    areEqualOctets(certificate.issuer, issuer)
  );
}

function withoutLeadingZeros(value: Uint8Array): Uint8Array {
  const first = value.findIndex((octet) => octet !== 0);
  return first < 0 ? new Uint8Array(0) : value.subarray(first);
}

export function areEqualOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, index) => octet === other[index]);
}

type Block = ReturnType<typeof fromBER>["result"];

function extensionsOf(fields: readonly Block[]): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const wrapper = fields.find(
    ({ idBlock }) => idBlock.tagClass === contextClass && idBlock.tagNumber === extensionsTag,
  );
  const [list] = wrapper instanceof Constructed ? wrapper.valueBlock.value : [];
  for (const extension of list instanceof Sequence ? list.valueBlock.value : []) {
    if (!(extension instanceof Sequence)) continue;
    const name = (extension.valueBlock.value[0] as ObjectIdentifier | undefined)?.getValue();
    const value = extension.valueBlock.value.at(-1);
    if (name !== undefined && value instanceof OctetString) found.set(name, octets(value.valueBlock.valueHexView));
  }
  return found;
}

function systemTitleOf(subject: Block): Uint8Array | undefined {
  for (const set of subject instanceof Sequence ? subject.valueBlock.value : []) {
    for (const attribute of (set as SetOf).valueBlock.value) {
      if (!(attribute instanceof Sequence)) continue;
      const [name, value] = attribute.valueBlock.value;
      if ((name as ObjectIdentifier).getValue() !== oid.commonName || value === undefined) continue;
      const text = Buffer.from(contentsOf(value.valueBeforeDecodeView)).toString("latin1");
      return /^[0-9a-f]{16}$/i.test(text) ? new Uint8Array(Buffer.from(text, "hex")) : undefined;
    }
  }
  return undefined;
}

function purposeOf(extensions: ReadonlyMap<string, Uint8Array>): CertificatePurpose {
  const der = extensions.get(oid.keyUsage);
  const bits = der === undefined ? undefined : fromBER(der).result;
  const first = bits instanceof BitString ? (bits.valueBlock.valueHexView[0] ?? 0) : 0;
  const signs = (first & usage.digitalSignature) !== 0;
  const agrees = (first & usage.keyAgreement) !== 0;
  if (signs && (agrees || extensions.has(oid.extendedKeyUsage))) return "tls";
  if (signs) return "signing";
  return agrees ? "agreement" : "other";
}

function publicKeyOf(x509: X509Certificate): CurvePublicKey | undefined {
  const { kty, crv, x = "", y = "" } = x509.publicKey.export({ format: "jwk" });
  if (kty !== "EC" || (crv !== "P-256" && crv !== "P-384")) return undefined;
  return publicKeyFromPoint(crv, Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]));
}

/** The contents octets of one encoded element of definite length. */
function contentsOf(encoded: Uint8Array): Uint8Array {
  const length = encoded[1] ?? 0;
  return octets(encoded.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f)));
}

function octets(view: Uint8Array): Uint8Array {
  return new Uint8Array(view);
}
