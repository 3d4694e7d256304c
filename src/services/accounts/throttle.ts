/**
 * Holds back who fails to log in: a few tries are free, then each failure doubles the wait. One for addresses, one for
 * accounts; what is remembered is bounded, the oldest goes first.
 */
import { isIPv6 } from "node:net";
import type { Clock } from "../../ports/index.js";

export interface ThrottleParts {
  readonly clock: Clock;
  /** Failures without a wait. */
  readonly free: number;
  /** The longest wait. */
  readonly maxWaitMs: number;
  /** After so long without a failure, it is forgotten. */
  readonly forgetAfterMs: number;
  readonly maxRemembered: number;
}

export interface Throttle {
  /** Milliseconds to wait; 0: go on. */
  waitMs(key: string): number;
  failed(key: string): void;
  succeeded(key: string): void;
}

const firstWaitMs = 1000;

export function createThrottle(parts: ThrottleParts): Throttle {
  const { clock, free, maxWaitMs, forgetAfterMs, maxRemembered } = parts;
  const remembered = new Map<string, { failures: number; atMs: number; untilMs: number }>();
  return {
    waitMs(key) {
      const found = remembered.get(key);
      return found === undefined ? 0 : Math.max(0, found.untilMs - clock.monotonic());
    },
    failed(key) {
      const now = clock.monotonic();
      const before = remembered.get(key);
      const isFresh = before !== undefined && now - before.atMs < forgetAfterMs;
      const failures = (isFresh ? before.failures : 0) + 1;
      const waitMs = failures <= free ? 0 : Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(failures - free - 1, 30));
      remembered.delete(key);
      remembered.set(key, { failures, atMs: now, untilMs: now + waitMs });
      if (remembered.size <= maxRemembered) return;
      for (const oldest of remembered.keys()) {
        remembered.delete(oldest);
        return;
      }
    },
    succeeded: (key) => void remembered.delete(key),
  };
}

/** What counts as one address: of IPv6 the network of 64 bits, for one machine has all of it. */
export function networkOf(peer: string): string {
  const [address = ""] = peer.split("%", 1);
  if (!isIPv6(address)) return peer;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  // An IPv4 ending stands for two groups, all of them behind the fourth.
  const missing = 8 - first.length - last.length - (address.includes(".") ? 1 : 0);
  const groups = [...first, ...Array.from({ length: missing }, () => "0"), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
