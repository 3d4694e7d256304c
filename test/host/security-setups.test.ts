import { describe, expect, it } from "vitest";
import { SymmetricKey } from "../../cosem/index.js";
import { createVault, openInvocationCounters, SealBroken } from "../../src/accounts/index.js";
import { openSecuritySetups } from "../../src/host/security-setups.js";
import { systemTitleOf } from "../../src/host/system-title.js";
import { loadSettings } from "../../src/settings/index.js";
import { manualClock } from "../support/manual-clock.js";
import { type MemoryState, memoryState } from "../support/memory-state.js";
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
});
