import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  createKeyStore,
  decodeKeyStoreState,
  emptyKeyStoreState,
  encodeKeyStoreState,
  fromHex,
  type KeyStoreState,
  privateKeyFromScalar,
  readCertificate,
  SymmetricKey,
} from "../../../cosem/index.js";
import { testFile } from "../../support/repository.js";

const unicast = new SymmetricKey(fromHex("000102030405060708090a0b0c0d0e0f"));

describe("a key store", () => {
  it("changes once it is kept, not before and not where it cannot be", async () => {
    const kept: KeyStoreState[] = [];
    let answer: Promise<boolean> = Promise.resolve(true);
    const store = createKeyStore(emptyKeyStoreState(0), (state) => {
      kept.push(state);
      return answer;
    });
    const change = store.change({ policy: 0x24 });
    expect(store.state.policy).toBe(0);
    expect(await change).toBe(true);
    expect(store.state.policy).toBe(0x24);
    answer = Promise.resolve(false);
    expect(await store.change({ policy: 0x6c })).toBe(false);
    expect(store.state.policy).toBe(0x24);
    expect(kept.map(({ policy }) => policy)).toEqual([0x24, 0x6c]);
  });

  it("takes one change at a time, and goes on after one that failed", async () => {
    let fail: ((error: Error) => void) | undefined;
    const store = createKeyStore(emptyKeyStoreState(0), (state) => {
      if (state.policy !== 1) return true;
      return new Promise((_resolve, reject) => {
        fail = reject;
      });
    });
    const first = store.change({ policy: 1 });
    expect(store.change({ keys: { unicast } })).toBe(false);
    fail?.(new Error("the disk is full"));
    await expect(first).rejects.toThrow("the disk is full");
    expect(store.change({ keys: { unicast } })).toBe(true);
    expect(store.state).toMatchObject({ policy: 0, keys: { unicast } });
  });

  it("is written and read back whole", () => {
    const hex = readFileSync(testFile("vectors/certificates/root.hex"), "utf8").trim();
    const root = readCertificate(fromHex(hex));
    const pair = privateKeyFromScalar("P-256", new Uint8Array(32).fill(0x11));
    if (root === undefined || pair === undefined) throw new Error("vectors are fine");
    const state: KeyStoreState = {
      suite: 1,
      policy: 0x6c,
      keys: { unicast },
      keyPairs: { signing: pair },
      newKeyPairs: { tls: pair },
      certificates: [root],
    };
    const read = decodeKeyStoreState(encodeKeyStoreState(state));
    expect(read.keys.unicast?.reveal()).toEqual(unicast.reveal());
    expect(read.keyPairs.signing?.publicKey.point).toEqual(pair.publicKey.point);
    expect(read.newKeyPairs.tls?.publicKey.point).toEqual(pair.publicKey.point);
    expect(read.certificates).toEqual([root]);
    expect([read.suite, read.policy, Object.keys(read.keys)]).toEqual([1, 0x6c, ["unicast"]]);
  });

  it("refuses a state that is none", () => {
    const octets = new TextEncoder().encode(JSON.stringify({ suite: 7 }));
    expect(() => decodeKeyStoreState(octets)).toThrow(RangeError);
  });
});
