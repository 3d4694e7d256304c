/**
 * The audit: entries go to the database and to whoever listens (the log). The same refusal again and again within a
 * minute is one entry more with its count, so that a flood of them neither fills the disk nor hides the rest.
 */
import type { AccountStore, Audit, AuditEntry, AuditRow, Clock, Logger } from "../../ports/index.js";
import { redacted } from "./redacted.js";

export interface AuditParts {
  readonly store: Pick<AccountStore, "addAudit">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** COSEM clock status of a time taken now; what is not 0 is told in the entry. Default: 0. */
  clockStatus?(): number;
  /** Entries kept at most; default 100,000. */
  readonly kept?: number;
}

export type NewAuditRow = Omit<AuditRow, "id">;

export interface KeptAudit extends Audit {
  /** Each entry as it is written. */
  subscribe(listener: (entry: NewAuditRow) => void): { close(): void };
  /** Resolves when all that was recorded by now is on disk, but for repeats of this minute. */
  settled(): Promise<void>;
  /** Writes what was held back; resolves when all is on disk. */
  stop(): Promise<void>;
}

const defaultKept = 100_000;
const floodMs = 60_000;
/** Kinds of refusal told apart within a minute; further ones are counted together. */
const maxKinds = 500;
/** What else was tried in that minute: so many targets are named. */
const maxTargets = 10;
/** Entries on their way to the disk. */
const maxPending = 5000;

/** As the table of texts has them; accounts are matters of security. */
function logLineOf({ result, action }: NewAuditRow): readonly ["info" | "warn", string] {
  if (result !== "done") return ["warn", `audit: ${result}`];
  return ["info", /^(users|tokens|session|accounts)\b/.test(action) ? "audit: accounts" : "audit: done"];
}

export function createAudit({ store, clock, logger, kept = defaultKept, clockStatus }: AuditParts): KeptAudit {
  const listeners = new Set<(entry: NewAuditRow) => void>();
  const repeats = new Map<string, Repeats>();
  const pending = new Set<Promise<void>>();
  let cancelMinute: (() => void) | undefined;

  function write(row: NewAuditRow): void {
    const [level, message] = logLineOf(row);
    // Named otherwise than secrets are, which the log takes out.
    logger[level](message, { ...row, atMs: undefined, token: undefined, tokenId: row.token });
    for (const listener of listeners) listener(row);
    if (pending.size >= maxPending) {
      logger.error("an audit entry was not kept: too many wait for the disk", { action: row.action });
      return;
    }
    const writing = store
      .addAudit([row], kept)
      .catch((error: unknown) => {
        logger.error("an audit entry was not kept", { action: row.action, error: String(error) });
      })
      .finally(() => pending.delete(writing));
    pending.add(writing);
  }

  function endMinute(): void {
    cancelMinute?.();
    cancelMinute = undefined;
    const counted = [...repeats.values()];
    repeats.clear();
    for (const repeat of counted) {
      const { row, repeated } = repeat;
      if (repeated > 0) write({ ...row, atMs: clock.now(), count: repeated, detail: repeatedWords(repeat) });
    }
  }

  function isRepeat(row: NewAuditRow): boolean {
    const own = JSON.stringify([row.user, row.token, row.peer, row.door, row.action]);
    const key = repeats.has(own) || repeats.size < maxKinds ? own : "others";
    const found = repeats.get(key);
    if (found !== undefined) {
      found.repeated++;
      if (row.target !== found.row.target && !found.others.has(row.target)) {
        if (found.others.size < maxTargets) found.others.add(row.target);
        else found.isMore = true;
      }
      return true;
    }
    repeats.set(key, {
      row: key === own ? row : { ...row, user: "many", token: undefined, peer: "many", target: "" },
      repeated: 0,
      others: new Set(),
      isMore: false,
    });
    cancelMinute ??= clock.after(floodMs, endMinute);
    return false;
  }

  return {
    record(entry) {
      const plain = rowOf(entry, clock.now());
      const isSure = (clockStatus?.() ?? 0) === 0;
      const row = isSure ? plain : { ...plain, detail: [plain.detail, unsureWords].filter(Boolean).join("; ") };
      if (row.result !== "refused" || !isRepeat(row)) write(row);
    },
    subscribe(listener) {
      listeners.add(listener);
      return { close: () => void listeners.delete(listener) };
    },
    async settled() {
      await Promise.all(pending);
    },
    async stop() {
      endMinute();
      await Promise.all(pending);
    },
  };
}

/** Readings of that time are put right later; who did what stays as it was written. */
const unsureWords = "the clock was not known good";

interface Repeats {
  readonly row: NewAuditRow;
  repeated: number;
  /** Other targets than the row's. */
  readonly others: Set<string>;
  /** There were further ones. */
  isMore: boolean;
}

function repeatedWords({ row: { detail }, others, isMore }: Repeats): string {
  const targets = others.size === 0 ? "" : `, also on ${[...others].join(", ")}${isMore ? " and more" : ""}`;
  return redacted(`again within a minute${targets}${detail === undefined ? "" : `: ${detail}`}`, 500);
}

function rowOf({ principal, action, target, detail, result }: AuditEntry, atMs: number): NewAuditRow {
  return {
    atMs,
    user: redacted(principal.user, 64),
    role: principal.association.name,
    door: principal.door,
    peer: redacted(principal.peer, 64),
    token: principal.token,
    action,
    target: redacted(target, 128),
    detail: detail === undefined ? undefined : redacted(detail, 500),
    result,
    count: 1,
  };
}
