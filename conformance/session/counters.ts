import { type InvocationCounters, type SymmetricKey, toHex } from "../../cosem/index.js";

/** Invocation counters of one run: shared by all its associations, since a counter belongs to a title and a key. */
export interface RunCounters extends InvocationCounters {
  /** The next own counter of this line is this or a later one. */
  startAt(key: SymmetricKey, ownTitle: Uint8Array, counter: number): void;
  /** The next own counter, without taking it. */
  peek(key: SymmetricKey, ownTitle: Uint8Array): number;
}

export function createRunCounters(): RunCounters {
  const own = new Map<string, number>();
  const received = new Map<string, number>();
  const line = (key: SymmetricKey, title: Uint8Array) => `${key.fingerprint}/${toHex(title)}`;
  return {
    startAt(key, ownTitle, counter) {
      own.set(line(key, ownTitle), Math.max(counter, own.get(line(key, ownTitle)) ?? 0));
    },
    peek: (key, ownTitle) => own.get(line(key, ownTitle)) ?? 0,
    next(key, ownTitle) {
      const counter = own.get(line(key, ownTitle)) ?? 0;
      own.set(line(key, ownTitle), counter + 1);
      return counter > 0xffff_ffff ? undefined : counter;
    },
    lastReceived: (key, peerTitle) => received.get(line(key, peerTitle)),
    accept(key, peerTitle, counter) {
      received.set(line(key, peerTitle), counter);
    },
  };
}
