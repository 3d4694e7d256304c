import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { privateKeyFromScalar, readCertificate, SymmetricKey } from "../../cosem/index.js";
import { createVault, openInvocationCounters, SealBroken } from "../../src/accounts/index.js";
import { openSecuritySetups } from "../../src/host/security-setups.js";
import { systemTitleOf } from "../../src/host/system-title.js";
import { loadSettings } from "../../src/settings/index.js";
import { manualClock } from "../support/manual-clock.js";
import { type MemoryState, memoryState } from "../support/memory-state.js";
import { testFile } from "../support/repository.js";
import { keepingLogger } from "../support/silent-logger.js";

const first = "000102030405060708090a0b0c0d0e0f";
const second = "101112131415161718191a1b1c1d1e1f";
const third = "202122232425262728292a2b2c2d2e2f";
const key = (hex: string) => new SymmetricKey(new Uint8Array(Buffer.from(hex, "hex")));
const hexOf = (kept: SymmetricKey | undefined) => kept && Buffer.from(kept.reveal()).toString("hex");
const systemTitle = systemTitleOf("XXX", "00000001");

async function open(store: MemoryState, setup: string, masterKey = new Uint8Array(32)) {
  const loaded = loadSettings(`doors: { dlms: { securitySetups: [${setup}] } }`, "settings.yaml", never);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const counters = await openInvocationCounters({ store, clock: manualClock(), logger: keepingLogger() }, systemTitle);
  const settings = loaded.settings.doors.dlms.securitySetups;
  const setups = await openSecuritySetups({ settings, vault: createVault(masterKey), store, counters, systemTitle });
  return { setup: setups.get(0), counters };
}

const never = { schedule: () => undefined, secondaryAddress: () => undefined };
const given = `{ unicastKey: "${first}", authenticationKey: "${second}", policy: [authenticatedRequest] }`;

describe("system titles", () => {
  it("have the IDIS form, as the manual's example shows it", () => {
    // PRODUCT.md, E7: ELV with serial 16000000 is 45 4C 56 00 00 F4 24 00.
    expect(Buffer.from(systemTitleOf("ELV", "16000000")).toString("hex")).toBe("454c560000f42400");
  });
});

describe("security setups", () => {
  it("have the keys and the policy of the settings", async () => {
    const { setup } = await open(memoryState(), given);
    expect(hexOf(setup?.state.keys.unicast)).toBe(first);
    expect(hexOf(setup?.state.keys.authentication)).toBe(second);
    expect(setup?.state.keys.master).toBeUndefined();
    expect(setup?.state.policy).toBe(0x04);
  });

  it("keep what was changed over a restart, sealed, with counters of the new key", async () => {
    const store = memoryState();
    const { setup, counters } = await open(store, given);
    const keys = { ...setup?.state.keys, unicast: key(third) };
    expect(await setup?.change({ keys, policy: 0x0c })).toBe(true);
    expect(counters.next(key(third), systemTitle)).toBe(0);
    const onDisk = [...store.kept.values()].join();
    expect(onDisk).not.toContain(third);
    expect(Buffer.from(onDisk, "base64").toString("latin1")).not.toContain(third);

    const { setup: again } = await open(store, given);
    expect(hexOf(again?.state.keys.unicast)).toBe(third);
    expect(hexOf(again?.state.keys.authentication)).toBe(second);
    expect(again?.state.policy).toBe(0x0c);
  });

  it("take a key that the settings changed afterwards, and leave the others as they were transferred", async () => {
    const store = memoryState();
    const { setup } = await open(store, given);
    await setup?.change({ keys: { unicast: key(third), authentication: key(third) } });
    const { setup: again } = await open(store, given.replace(first, "f".repeat(32)));
    expect(hexOf(again?.state.keys.unicast)).toBe("f".repeat(32));
    expect(hexOf(again?.state.keys.authentication)).toBe(third);
  });

  it("do not open under another master key", async () => {
    const store = memoryState();
    const { setup } = await open(store, given);
    await setup?.change({ policy: 0x0c });
    await expect(open(store, given, new Uint8Array(32).fill(1))).rejects.toThrow(SealBroken);
  });

  const der = (name: string) => Buffer.from(readFileSync(testFile(`vectors/certificates/${name}.hex`), "utf8"), "hex");
  const pem = (name: string) => {
    const lines =
      der(name)
        .toString("base64")
        .match(/.{1,64}/g) ?? [];
    return JSON.stringify(["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"].join("\n"));
  };
  // The private key of server-signing.hex is 11…11, that of clientka 32…32 (test/vectors/NOTICE).
  const pairOf = (octet: string) => `{ suite: 1, signingKey: "${octet.repeat(32)}", certificates: [${pem("root")}] }`;
  const pointOf = (name: string) => readCertificate(new Uint8Array(der(name)))?.publicKey?.point;

  it("have private keys and certificates of the settings, and what came over DLMS beside them", async () => {
    const store = memoryState();
    const { setup } = await open(store, pairOf("11"));
    expect(setup?.state.keyPairs.signing?.publicKey.point).toEqual(pointOf("server-signing"));
    const client = readCertificate(new Uint8Array(der("client-signing")));
    const generated = privateKeyFromScalar("P-256", new Uint8Array(32).fill(0x32));
    if (setup === undefined || client === undefined || generated === undefined) throw new Error("vectors are fine");
    await setup.change({
      certificates: [...setup.state.certificates, client],
      keyPairs: { signing: generated },
    });
    const { setup: again } = await open(store, pairOf("11"));
    expect(again?.state.certificates.map(({ isAuthority }) => isAuthority)).toEqual([true, false]);
    expect(again?.state.keyPairs.signing?.publicKey.point).toEqual(pointOf("client-agreement"));
    const { setup: changed } = await open(store, pairOf("31"));
    expect(changed?.state.keyPairs.signing?.publicKey.point).toEqual(pointOf("client-signing"));
  });

  it.each([
    [
      "a certificate that is none",
      `{ certificates: ["${"A".repeat(100)}"] }`,
      "certificates[0] is no X.509 certificate",
    ],
    ["a private key that is none", `{ suite: 1, signingKey: "${"f".repeat(64)}" }`, "signingKey is no key on P-256"],
  ])("are not opened with %s", async (_what, setup, message) => {
    await expect(open(memoryState(), setup)).rejects.toThrow(message);
  });

  it.each([
    [`{ signingKey: "${"1".repeat(64)}" }`, "is of no use in suite 0"],
    [`{ suite: 2, agreementKey: "${"1".repeat(64)}" }`, "wants 96 hex digits in suite 2"],
  ])("refuse %s", (setup, message) => {
    const loaded = loadSettings(`doors: { dlms: { securitySetups: [${setup}] } }`, "settings.yaml", never);
    expect(loaded.ok ? "" : JSON.stringify(loaded.problems)).toContain(message);
  });
});
