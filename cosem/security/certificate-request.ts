/** PKCS #10 requests (RFC 2986) for the public keys of this server: asn1js writes them, node:crypto signs. */
import { sign } from "node:crypto";
import { BitString, Constructed, fromBER, Integer, ObjectIdentifier, Sequence, Set as SetOf, Utf8String } from "asn1js";
import { toHex } from "../codec/bytes.js";
import { type CurvePrivateKey, curveHash } from "./curve-keys.js";

const commonName = "2.5.4.3";
const ecdsaWith = { sha256: "1.2.840.10045.4.3.2", sha384: "1.2.840.10045.4.3.3" } as const;

/**
 * @param systemTitle  stands as common name, in 16 hex digits
 * @returns DER
 */
export function makeCertificateRequest(key: CurvePrivateKey, systemTitle: Uint8Array): Uint8Array {
  const hash = curveHash[key.curve];
  const info = new Sequence({
    value: [
      new Integer({ value: 0 }),
      nameOf(toHex(systemTitle).toUpperCase()),
      fromBER(new Uint8Array(key.publicKey.keyObject.export({ type: "spki", format: "der" }))).result,
      // attributes [0], of which there are none
      new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [] }),
    ],
  });
  const signature = sign(hash, new Uint8Array(info.toBER()), { key: key.keyObject, dsaEncoding: "der" });
  const request = new Sequence({
    value: [
      info,
      new Sequence({ value: [new ObjectIdentifier({ value: ecdsaWith[hash] })] }),
      new BitString({ valueHex: new Uint8Array(signature).buffer }),
    ],
  });
  return new Uint8Array(request.toBER());
}

function nameOf(text: string): Sequence {
  const attribute = new Sequence({
    value: [new ObjectIdentifier({ value: commonName }), new Utf8String({ value: text })],
  });
  return new Sequence({ value: [new SetOf({ value: [attribute] })] });
}
