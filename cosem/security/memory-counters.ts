import { toHex } from "../codec/bytes.js";
import type { InvocationCounters } from "./key-ring.js";
import type { SymmetricKey } from "./symmetric-key.js";

const lastCounter = 0xffffffff;

/**
 * Counters that live as long as the process: for a client and for tests.
 * @param firstOwn  the first counter handed out in each line
 */
export function createMemoryCounters(firstOwn = 0): InvocationCounters {
  const own = new Map<string, number>();
  const received = new Map<string, number>();
  const line = (key: SymmetricKey, title: Uint8Array) => `${key.fingerprint}/${toHex(title)}`;
  return {
    next(key, ownTitle) {
      const name = line(key, ownTitle);
      const counter = own.get(name) ?? firstOwn;
      if (counter > lastCounter) return undefined;
      own.set(name, counter + 1);
      return counter;
    },
    lastReceived: (key, peerTitle) => received.get(line(key, peerTitle)),
    accept(key, peerTitle, counter) {
      received.set(line(key, peerTitle), counter);
    },
  };
}
