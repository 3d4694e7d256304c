/** Licences: what is signed counts, for its gateway and its time alone. */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createInternalReader, type Principal } from "../../../cosem/index.js";
import {
  checkLicence,
  createLicences,
  type Licence,
  type LicenceParts,
  parseIssuerKey,
  writeLicence,
} from "../../../src/services/licences/index.js";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const serial = "00001234";
const nowMs = Date.UTC(2026, 10, 23, 12);
const admin: Principal = { association: createInternalReader("rest:admin"), user: "ada", door: "rest", peer: "x" };
const viewer: Principal = { ...admin, association: createInternalReader("rest:viewer") };

const licence: Licence = {
  format: 1,
  id: "a-1",
  company: "Stadtwerke Süd",
  serial,
  issued: "2026-11-01",
  subscriptionEnd: null,
  validThrough: "2026-11-23",
  name: "Core 32",
  description: "up to 32 devices",
  performance: 32,
  features: ["modbus"],
};
const signed = (changes: Partial<Licence> = {}) => writeLicence({ ...licence, ...changes }, privateKey);
const faultOf = (text: string, at = { serial, nowMs }) => checkLicence(text, publicKey, at).fault;

function withPayload(text: string, change: (payload: string) => string): string {
  const file = JSON.parse(text) as { payload: string; signature: string };
  const payload = change(Buffer.from(file.payload, "base64").toString("utf8"));
  return JSON.stringify({ ...file, payload: Buffer.from(payload).toString("base64") });
}

function installed(more: Partial<LicenceParts> = {}) {
  const kept: string[] = [];
  const records: string[] = [];
  const licences = createLicences({
    serial,
    isEnforced: true,
    issuer: publicKey,
    installed: [],
    keep: async (id) => void kept.push(id),
    now: () => nowMs,
    changed: () => undefined,
    recorder: { record: ({ action, isRefused }) => void records.push(`${action} ${isRefused}`) },
    ...more,
  });
  return { licences, kept, records };
}

describe("a licence file", () => {
  it("counts for its gateway until the end of its last day", () => {
    expect(faultOf(signed())).toBeUndefined();
    expect(faultOf(signed(), { serial, nowMs: Date.UTC(2026, 10, 24) - 1 })).toBeUndefined();
    expect(faultOf(signed(), { serial, nowMs: Date.UTC(2026, 10, 24) })).toBe("expired");
    expect(faultOf(signed({ validThrough: null }), { serial, nowMs: Date.UTC(2099, 0, 1) })).toBeUndefined();
  });

  it("does not count where it was changed, is another's, or no issuer is known", () => {
    expect(faultOf(withPayload(signed(), (text) => text.replace('"performance":32', '"performance":256')))).toBe(
      "tampered",
    );
    expect(faultOf(signed({ serial: "00009999" }))).toBe("otherSerial");
    expect(faultOf(writeLicence(licence, generateKeyPairSync("ed25519").privateKey))).toBe("tampered");
    expect(checkLicence(signed(), undefined, { serial, nowMs }).fault).toBe("noIssuerKey");
    for (const text of ["", "[]", "{}", '{"payload":"e30=","signature":""}']) expect(faultOf(text)).toBe("notALicence");
  });

  it("is verified by OpenSSL", () => {
    const folder = mkdtempSync(join(tmpdir(), "licence-"));
    try {
      const file = JSON.parse(signed()) as { payload: string; signature: string };
      const path = (name: string) => join(folder, name);
      writeFileSync(path("payload"), Buffer.from(file.payload, "base64"));
      writeFileSync(path("signature"), Buffer.from(file.signature, "base64"));
      writeFileSync(path("issuer.pem"), publicKey.export({ type: "spki", format: "pem" }));
      const words = ["pkeyutl", "-verify", "-pubin", "-inkey", path("issuer.pem"), "-rawin"];
      const answer = execFileSync("openssl", [...words, "-in", path("payload"), "-sigfile", path("signature")], {
        encoding: "utf8",
      });
      expect(answer).toContain("Verified Successfully");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("takes the issuer's key as PEM, as its DER form and as 32 bytes", () => {
    const der = publicKey.export({ type: "spki", format: "der" });
    const forms = [
      publicKey.export({ type: "spki", format: "pem" }).toString(),
      der.toString("base64"),
      der.subarray(-32).toString("base64"),
    ];
    for (const form of forms) expect(parseIssuerKey(form).equals(publicKey)).toBe(true);
    expect(() => parseIssuerKey("bm90IGEga2V5")).toThrow();
  });
});

describe("what licences allow", () => {
  it("is everything while they are not enforced", () => {
    const { licences } = installed({ isEnforced: false });
    expect(licences.activeLimit()).toBeUndefined();
    expect(licences.allows("dlms")).toBe(true);
  });

  it("is 8 meters without one, and what the good ones say together", async () => {
    const { licences, kept, records } = installed({
      installed: [signed({ performance: 256, validThrough: "2026-11-22", features: ["dlms"] })],
    });
    expect(licences.activeLimit()).toBe(8);
    expect(licences.allows("dlms")).toBe(false);
    expect((await licences.install(viewer, signed())).ok).toBe(false);
    expect((await licences.install(admin, signed({ serial: "00009999" }))).ok).toBe(false);
    expect(kept).toEqual([]);
    expect((await licences.install(admin, signed())).ok).toBe(true);
    expect(kept).toEqual(["a-1"]);
    expect(licences.activeLimit()).toBe(32);
    expect(licences.allows("modbus")).toBe(true);
    expect(records).toEqual(["licences.install true", "licences.install false"]);
  });
});
