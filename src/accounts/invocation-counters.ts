/**
 * Invocation counters that outlive the process. Of our own, a range is reserved on disk before the first of it is handed
 * out; after a restart the next range begins, so that no counter is used twice, and at FFFFFFFF it ends. Keys that were
 * not registered (dedicated ones, those that came with a message) share one line: whatever their value, no counter
 * repeats under it. What was received is written within a second: a power cut forgets at most that second.
 */
import type { Clock, Logger } from "../ports/index.js";
import type { StateStore } from "./state-store.js";

/** What a counter needs to know of its key. */
export interface CountedKey {
  /** Names the key value without telling it; the same after a restart. */
  readonly fingerprint: string;
}

export interface InvocationCountersParts {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How many counters are reserved at a time, at first; default 65,536. Where they go fast, more. */
  readonly reservation?: number;
}

export interface PersistentCounters {
  next(key: CountedKey, ownTitle: Uint8Array): number | undefined;
  lastReceived(key: CountedKey, peerTitle: Uint8Array): number | undefined;
  accept(key: CountedKey, peerTitle: Uint8Array, counter: number): void;
  /** Under a registered key, the highest from any title: whoever goes on from there is refused by none. */
  highestReceived(key: CountedKey): number | undefined;
  /** Prepares a long-lived key before its first use. Registering twice is fine. */
  register(key: CountedKey, ownTitle: Uint8Array): Promise<void>;
  /** Writes what is pending; nothing is handed out afterwards. */
  stop(): Promise<void>;
}

const end = 0x1_0000_0000;
/** 2024-01-01T00:00:00Z. */
const firstYearMs = 1_704_067_200_000;
const latestFirst = 0x8000_0000;
const writeAfterMs = 1000;
const maxReservation = 4_194_304;
/** A reservation used up sooner than this is followed by a larger one. */
const fastMs = 60_000;
/** Peers remembered under keys that are not registered; the oldest is forgotten first. */
const maxSessionPeers = 10_000;
/** Of the states that hold them. */
export const counterPrefix = "counter.";
const ownPrefix = "counter.own/";
const receivedPrefix = "counter.received/";
const shared = "shared";

interface OwnLine {
  readonly name: string;
  next: number;
  /** On disk: the first counter that may not be handed out. */
  reserved: number;
  size: number;
  reservedAtMs: number;
  isReserving: boolean;
}

/** Handed out since a backup was made, at most: 1,000 a second for 18 hours, or 100,000 a day for two years. */
const restoreJump = 0x0400_0000;

/**
 * Counters of a backup as they are to be when it is put in the place of `present`: no counter of our own was used before,
 * and none that was received is taken again. Of a machine that is gone nothing is known of what it received since.
 */
export function restoredCounters(
  backup: ReadonlyMap<string, string>,
  present: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const restored = new Map<string, string>();
  for (const name of new Set([...backup.keys(), ...present.keys()])) {
    const known = Math.max(...[backup, present].map((states) => counterOf(name, states.get(name) ?? "0")));
    restored.set(name, String(name.startsWith(ownPrefix) ? Math.min(end, known + restoreJump) : known));
  }
  return restored;
}

/** @throws (rejects with) StoreError where the state cannot be read or written */
export async function openInvocationCounters(
  parts: InvocationCountersParts,
  ownTitle: Uint8Array,
): Promise<PersistentCounters> {
  const counters = new Counters(parts);
  await counters.load();
  await counters.register({ fingerprint: shared }, ownTitle);
  return counters;
}

class Counters implements PersistentCounters {
  private readonly parts: InvocationCountersParts;
  private readonly own = new Map<string, OwnLine>();
  private readonly received = new Map<string, number>();
  private readonly sessionReceived = new Map<string, number>();
  private readonly registered = new Set<string>();
  private readonly changed = new Set<string>();
  private cancelWrite: (() => void) | undefined;
  private isStopped = false;

  constructor(parts: InvocationCountersParts) {
    this.parts = parts;
  }

  async load(): Promise<void> {
    const { store } = this.parts;
    for (const [key, value] of await store.statesWithPrefix(ownPrefix)) this.addLine(key, counterOf(key, value));
    for (const [key, value] of await store.statesWithPrefix(receivedPrefix)) {
      this.received.set(key.slice(receivedPrefix.length), counterOf(key, value));
    }
  }

  private addLine(name: string, reserved: number): OwnLine {
    const size = this.parts.reservation ?? 65_536;
    const line = { name, next: reserved, reserved, size, reservedAtMs: 0, isReserving: false };
    this.own.set(name, line);
    return line;
  }

  async register(key: CountedKey, ownTitle: Uint8Array): Promise<void> {
    const name = ownPrefix + lineName(key, ownTitle);
    const line = this.own.get(name) ?? this.addLine(name, this.firstOfLine());
    if (line.next === line.reserved) await this.reserve(line);
    this.registered.add(key.fingerprint);
  }

  /** A line that nothing is known of may have been used before its database was lost: it begins at a second of its own. */
  private firstOfLine(): number {
    const seconds = Math.floor((this.parts.clock.now() - firstYearMs) / 1000);
    return Math.min(latestFirst, Math.max(0, seconds));
  }

  next(key: CountedKey, ownTitle: Uint8Array): number | undefined {
    const counted = this.registered.has(key.fingerprint) ? key : { fingerprint: shared };
    const line = this.own.get(ownPrefix + lineName(counted, ownTitle));
    if (line === undefined || this.isStopped || line.next >= line.reserved) return undefined;
    const counter = line.next;
    line.next += 1;
    if (line.reserved - line.next < line.size / 2 && !line.isReserving) this.reserveAhead(line);
    return counter;
  }

  private reserveAhead(line: OwnLine): void {
    if (line.reserved === end) return;
    const isFast = this.parts.clock.monotonic() - line.reservedAtMs < fastMs;
    if (isFast) line.size = Math.min(maxReservation, line.size * 4);
    this.reserve(line).catch((error: unknown) => {
      this.parts.logger.error("invocation counters cannot be reserved; ciphered answers end with this range", {
        error,
      });
    });
  }

  private async reserve(line: OwnLine): Promise<void> {
    const reserved = Math.min(end, line.reserved + line.size);
    line.isReserving = true;
    try {
      await this.parts.store.setState(line.name, String(reserved));
      line.reserved = reserved;
      line.reservedAtMs = this.parts.clock.monotonic();
    } finally {
      line.isReserving = false;
    }
  }

  lastReceived(key: CountedKey, peerTitle: Uint8Array): number | undefined {
    const name = lineName(key, peerTitle);
    return this.received.get(name) ?? this.sessionReceived.get(name);
  }

  accept(key: CountedKey, peerTitle: Uint8Array, counter: number): void {
    const name = lineName(key, peerTitle);
    if (!this.registered.has(key.fingerprint)) {
      this.acceptInSession(name, counter);
      return;
    }
    this.received.set(name, counter);
    this.changed.add(name);
    this.cancelWrite ??= this.parts.clock.after(writeAfterMs, () => void this.writeReceived());
  }

  highestReceived({ fingerprint }: CountedKey): number | undefined {
    let highest: number | undefined;
    for (const [name, counter] of this.received) {
      if (name.startsWith(`${fingerprint}/`) && counter > (highest ?? -1)) highest = counter;
    }
    return highest;
  }

  private acceptInSession(name: string, counter: number): void {
    this.sessionReceived.delete(name);
    this.sessionReceived.set(name, counter);
    if (this.sessionReceived.size <= maxSessionPeers) return;
    for (const oldest of this.sessionReceived.keys()) {
      this.sessionReceived.delete(oldest);
      return;
    }
  }

  private async writeReceived(): Promise<void> {
    this.cancelWrite?.();
    this.cancelWrite = undefined;
    const names = [...this.changed];
    this.changed.clear();
    const { store, logger } = this.parts;
    const write = (name: string) => store.setState(receivedPrefix + name, String(this.received.get(name) ?? 0));
    await Promise.all(names.map(write)).catch((error: unknown) => {
      logger.error("received invocation counters cannot be kept; a restart would forget them", { error });
      for (const name of names) this.changed.add(name);
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.writeReceived();
  }
}

function lineName(key: CountedKey, title: Uint8Array): string {
  let name = `${key.fingerprint}/`;
  for (const octet of title) name += hexOctets[octet];
  return name;
}

const hexOctets = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

function counterOf(key: string, value: string): number {
  const counter = Number(value);
  if (Number.isInteger(counter) && counter >= 0 && counter <= end) return counter;
  throw new Error(`${key} holds "${value}", which is no counter; the database was changed by another program`);
}
