/** Sessions of people: in memory, bounded, known by the hash of their text alone; all end with the process. */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../ports/index.js";

export interface SessionLimits {
  /** Without a call. */
  readonly idleMs: number;
  /** From the login. */
  readonly totalMs: number;
  readonly maxSessions: number;
  readonly maxPerUser: number;
}

export const sessionLimits: SessionLimits = {
  idleMs: 30 * 60_000,
  totalMs: 12 * 3_600_000,
  maxSessions: 1000,
  maxPerUser: 20,
};

export interface Sessions {
  open(user: string): string;
  /** The user; `isUse`: a call that keeps the session alive. */
  userOf(text: string, isUse: boolean): string | undefined;
  /** @returns the user whose it was */
  close(text: string): string | undefined;
  closeAllOf(user: string, except?: string): void;
}

interface Session {
  readonly user: string;
  readonly openedAtMs: number;
  usedAtMs: number;
}

const textBytes = 32;

export function createSessions(clock: Clock, limits: SessionLimits = sessionLimits): Sessions {
  /** The least recently opened first. */
  const sessions = new Map<string, Session>();

  const isOver = ({ openedAtMs, usedAtMs }: Session): boolean => {
    const now = clock.monotonic();
    return now - usedAtMs >= limits.idleMs || now - openedAtMs >= limits.totalMs;
  };

  function makeRoom(user: string): void {
    let own = 0;
    for (const [key, session] of sessions) {
      if (isOver(session)) sessions.delete(key);
      else if (session.user === user) own++;
    }
    for (const [key, session] of sessions) {
      if (own < limits.maxPerUser) break;
      if (session.user !== user) continue;
      sessions.delete(key);
      own--;
    }
    for (const key of sessions.keys()) {
      if (sessions.size < limits.maxSessions) break;
      sessions.delete(key);
    }
  }

  return {
    open(user) {
      makeRoom(user);
      const text = randomBytes(textBytes).toString("base64url");
      const now = clock.monotonic();
      sessions.set(hashOf(text), { user, openedAtMs: now, usedAtMs: now });
      return text;
    },
    userOf(text, isUse) {
      const key = hashOf(text);
      const session = sessions.get(key);
      if (session === undefined) return undefined;
      if (isOver(session)) {
        sessions.delete(key);
        return undefined;
      }
      if (isUse) session.usedAtMs = clock.monotonic();
      return session.user;
    },
    close(text) {
      const key = hashOf(text);
      const user = sessions.get(key)?.user;
      sessions.delete(key);
      return user;
    },
    closeAllOf(user, except) {
      const kept = except === undefined ? undefined : hashOf(except);
      for (const [key, session] of sessions) if (session.user === user && key !== kept) sessions.delete(key);
    },
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
