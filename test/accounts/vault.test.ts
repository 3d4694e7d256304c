import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createVault, MasterKeyError, openMasterKey, SealBroken } from "../../src/accounts/index.js";

const keyPath = () => join(mkdtempSync(join(tmpdir(), "vault-")), "master.key");
const secret = new TextEncoder().encode("a secret of 23 octets ..");

describe("the master key", () => {
  it("is made once, for its owner alone, and found again", () => {
    const path = keyPath();
    const made = openMasterKey(path);
    expect(made).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(openMasterKey(path)).toEqual(made);
    expect(openMasterKey(keyPath())).not.toEqual(made);
  });

  it("is refused where others may read it, and where it is no key", () => {
    const path = keyPath();
    openMasterKey(path);
    chmodSync(path, 0o640);
    expect(() => openMasterKey(path)).toThrow(MasterKeyError);
    chmodSync(path, 0o600);
    writeFileSync(path, readFileSync(path).subarray(2));
    expect(() => openMasterKey(path)).toThrow("64 hex digits");
  });
});

describe("the vault", () => {
  const vault = createVault(new Uint8Array(32).fill(7));

  it("gives back what it sealed, each time in other octets that do not show it", () => {
    const sealed = vault.seal("key", secret);
    expect(vault.open("key", sealed)).toEqual(secret);
    expect(vault.seal("key", secret)).not.toBe(sealed);
    expect(Buffer.from(sealed, "base64").includes("secret")).toBe(false);
  });

  it("opens nothing that was changed, renamed, cut or sealed by another", () => {
    const sealed = vault.seal("key", secret);
    const octets = Buffer.from(sealed, "base64");
    for (let index = 0; index < octets.length; index++) {
      const changed = Buffer.from(octets);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => vault.open("key", changed.toString("base64"))).toThrow(SealBroken);
      expect(() => vault.open("key", octets.subarray(0, index).toString("base64"))).toThrow(SealBroken);
    }
    expect(() => vault.open("other", sealed)).toThrow(SealBroken);
    expect(() => createVault(new Uint8Array(32)).open("key", sealed)).toThrow(SealBroken);
  });
});
