/** Any octets in place of a certificate: it is read or it is none, and Security setup answers. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, isSignedBy, readCertificate } from "../../cosem/index.js";
import { testFile } from "../support/repository.js";

const folder = testFile("vectors/certificates");
const certificates = readdirSync(folder).map((file) => fromHex(readFileSync(`${folder}/${file}`, "utf8").trim()));
const root = readCertificate(fromHex(readFileSync(`${folder}/root.hex`, "utf8").trim()));

const mutated = fc
  .tuple(fc.constantFrom(...certificates), fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 4 }))
  .map(([der, changes]) => {
    const changed = new Uint8Array(der);
    for (const [place, octet] of changes) changed[place % changed.length] = octet;
    return changed;
  });

describe("a certificate", () => {
  it("of any octets is read or is none, and never another's", () => {
    if (root === undefined) throw new Error("the root is a certificate");
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 100 })), (der) => {
        const read = readCertificate(der);
        if (read === undefined) return;
        const isKnown = certificates.some((known) => Buffer.compare(known, der) === 0);
        if (!isKnown) expect(isSignedBy(read, root)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it("of nested sequences without end is none", () => {
    const nested = new Uint8Array(8190);
    for (let place = 0; place + 4 <= nested.length; place += 4) {
      const left = nested.length - place - 4;
      nested.set([0x30, 0x82, left >> 8, left & 0xff], place);
    }
    expect(readCertificate(nested)).toBeUndefined();
  });
});
