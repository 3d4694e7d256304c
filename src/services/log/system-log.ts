/**
 * The system log (PRODUCT.md rows 3 to 5, 55, 56): what the parts tell their Logger becomes entries with a text id and
 * parameters, held back where it floods, queued, and written by the store's writer. Lines to the console go on as before.
 */
import { toHex } from "../../../cosem/index.js";
import {
  type Clock,
  type CosemLog,
  cosemLog,
  type Logger,
  type LogSeverity,
  type LogStore,
} from "../../ports/index.js";
import { FloodGuard } from "./flood-guard.js";
import { LogQueue, type NewEntry } from "./log-queue.js";
import {
  auditTextIds,
  heldTextId,
  isFraud,
  logTexts,
  lostTextId,
  meterStatusTextId,
  otherTextId,
  sectionOf,
  textIdOf,
  wordsOf,
} from "./texts.js";

/** What the settings say; may change while it runs. */
export interface LogLimits {
  readonly minimumSeverity: LogSeverity;
  readonly floodSeconds: number;
  readonly maxMegabytes: number;
  readonly keepDays: number;
}

export interface SystemLogParts extends LogLimits {
  readonly clock: Clock;
  /** Where lines go beside: the console of the process. */
  readonly console: Logger;
  /** Minutes, UTC = local + deviation. */
  deviationAt(instantMs: number): number;
  /** COSEM clock status of a time taken now; not 0: nothing is removed by age. Default: 0. */
  clockStatus?(): number;
  /** Of the device or meter that a line names; undefined: it is about none. */
  meterIdOf?(fields: Readonly<Record<string, unknown>>): number | undefined;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** An entry of a COSEM log as it is shown there. */
export interface CosemLogEvent {
  readonly atMs: number;
  readonly clockStatus: number;
  readonly code: number;
  readonly message: string;
}

export interface NewLogEntry {
  readonly textId: number;
  readonly severity: LogSeverity;
  readonly parameters: LogFields;
  readonly meterId?: number | undefined;
  /** Default: as the table of texts says. */
  readonly cosemLog?: CosemLog | undefined;
  /** Default: now. */
  readonly atMs?: number | undefined;
  readonly clockStatus?: number | undefined;
}

export const mostCosemEvents = 1000;
/** Of one entry, in characters. */
const mostParameters = 2000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const megabyte = 1_000_000;

const severityOf = { debug: -1, info: 0, warn: 1, error: 2 } as const;

export class SystemLog {
  /** What the parts are given. */
  readonly logger: Logger;
  private readonly guard: FloodGuard<NewEntry>;
  private readonly queue: LogQueue;
  private readonly recent: Record<1 | 2, CosemLogEvent[]> = { 1: [], 2: [] };
  private readonly listeners: ((log: CosemLog, event: CosemLogEvent) => void)[] = [];
  private cancelExpiry: (() => void) | undefined;
  private cancelPrune: (() => void) | undefined;
  private store: LogStore | undefined;
  private readonly parts: SystemLogParts;
  private limits: LogLimits;

  constructor(parts: SystemLogParts) {
    this.parts = parts;
    this.limits = parts;
    this.guard = new FloodGuard(parts.floodSeconds * 1000);
    this.queue = new LogQueue({
      clock: parts.clock,
      maxBytes: () => this.limits.maxMegabytes * megabyte,
      lost: (count) => this.entryOf({ textId: lostTextId, severity: 1, parameters: { count } }),
      fallback: parts.console,
    });
    const line =
      (level: keyof typeof severityOf) =>
      (message: string, fields: LogFields = {}): void => {
        parts.console[level](message, fields);
        this.told(severityOf[level], message, fields);
      };
    this.logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  }

  /** From here on entries are kept; those so far too. @throws (rejects) where the newest events cannot be read */
  async attach(store: LogStore): Promise<void> {
    this.store = store;
    await this.remember(store);
    this.queue.attach(store);
    const prune = (): void => {
      void this.prune();
      this.cancelPrune = this.parts.clock.after(hourMs, prune);
    };
    this.cancelPrune = this.parts.clock.after(10_000, prune);
  }

  /** From now on; what is held back by the guard is summed up, and what is too old or too much goes. */
  changeLimits(limits: LogLimits): void {
    const { floodSeconds, keepDays, maxMegabytes } = this.limits;
    if (limits.floodSeconds !== floodSeconds) {
      for (const held of this.guard.changeHold(limits.floodSeconds * 1000)) this.sumUp(held);
      this.cancelExpiry?.();
      this.cancelExpiry = undefined;
    }
    this.limits = limits;
    if (limits.keepDays !== keepDays || limits.maxMegabytes !== maxMegabytes) void this.prune();
  }

  /** Sums up what is held back and writes what waits. */
  async stop(): Promise<void> {
    this.cancelExpiry?.();
    this.cancelPrune?.();
    for (const held of this.guard.expire(Number.POSITIVE_INFINITY)) this.sumUp(held);
    await this.queue.flush();
  }

  /** Resolves when all that was recorded by now is on disk, or could not be brought there. */
  flush(): Promise<void> {
    return this.queue.flush();
  }

  /** Puts an entry into the log, unless it is held back or below the least severity. */
  record(entry: NewLogEntry): void {
    if (entry.severity < this.limits.minimumSeverity) return;
    this.put(this.entryOf(entry), entry.textId === otherTextId ? String(entry.parameters["message"]) : "");
  }

  /** Newest events of the gateway itself, oldest first. */
  events(log: 1 | 2): readonly CosemLogEvent[] {
    return this.recent[log].slice();
  }

  /** Of one meter, oldest first. */
  async eventsOfMeter(meterId: number, log: 1 | 2): Promise<readonly CosemLogEvent[]> {
    await this.queue.flush();
    const rows = (await this.store?.logRows({ meterId, cosemLog: log, limit: mostCosemEvents })) ?? [];
    return rows.map(eventOf).reverse();
  }

  /** Told of each event of the gateway right after it was recorded. */
  onEvent(listener: (log: CosemLog, event: CosemLogEvent) => void): void {
    this.listeners.push(listener);
  }

  private told(severity: LogSeverity, message: string, fields: LogFields): void {
    if (severity < this.limits.minimumSeverity) return;
    const textId = textIdOf(message);
    const meterId = this.parts.meterIdOf?.(fields);
    const known = { severity, meterId };
    if (textId === undefined) this.record({ ...known, textId: otherTextId, parameters: { ...fields, message } });
    else this.record({ ...known, textId, parameters: fields });
  }

  private entryOf(entry: NewLogEntry): NewEntry {
    const { clock, deviationAt } = this.parts;
    const { textId, severity, parameters, meterId } = entry;
    const atMs = entry.atMs ?? clock.now();
    return {
      atMs,
      deviationMinutes: deviationAt(atMs),
      clockStatus: entry.clockStatus ?? this.parts.clockStatus?.() ?? 0,
      severity,
      textId,
      origin: originOf(textId, parameters),
      meterId,
      cosemLog: entry.cosemLog ?? cosemLogOf(textId, severity),
      parameters: written(parameters),
    };
  }

  /** @param distinct  tells apart what shares a text id */
  private put(entry: NewEntry, distinct: string): void {
    const now = this.parts.clock.monotonic();
    for (const held of this.guard.expire(now)) this.sumUp(held);
    // Nor may one of two changes within a minute.
    const isAudit = auditTextIds.has(entry.textId);
    const isStatus = entry.textId >= meterStatusTextId && entry.textId < meterStatusTextId + 256;
    // A status byte is told on change: none may be missing.
    if (
      !isStatus &&
      !isAudit &&
      !this.guard.admits(`${entry.textId} ${entry.origin} ${distinct.slice(0, 200)}`, entry, now)
    )
      return;
    this.keep(entry);
    this.planExpiry(now);
  }

  private keep(entry: NewEntry): void {
    this.queue.add(entry);
    if (entry.cosemLog === cosemLog.none || entry.meterId !== undefined) return;
    const event = eventOf(entry);
    const recent = this.recent[entry.cosemLog];
    recent.push(event);
    if (recent.length > mostCosemEvents) recent.shift();
    for (const listener of this.listeners) listener(entry.cosemLog, event);
  }

  private planExpiry(now: number): void {
    const deadline = this.guard.nextDeadline();
    if (deadline === undefined || this.cancelExpiry !== undefined) return;
    this.cancelExpiry = this.parts.clock.after(Math.max(0, deadline - now), () => {
      this.cancelExpiry = undefined;
      const then = this.parts.clock.monotonic();
      for (const held of this.guard.expire(then)) this.sumUp(held);
      this.planExpiry(then);
    });
  }

  private sumUp({ first, count }: { readonly first: NewEntry; readonly count: number }): void {
    const parameters = {
      count,
      seconds: this.limits.floodSeconds,
      textId: first.textId,
      text: logTexts.get(first.textId)?.text.replace(/\{message\}/, messageIn(first.parameters)) ?? "",
    };
    const { severity, meterId } = first;
    const summary = this.entryOf({ textId: heldTextId, severity, meterId, parameters, cosemLog: cosemLog.none });
    this.keep({ ...summary, origin: first.origin });
  }

  private async remember(store: LogStore): Promise<void> {
    for (const log of [1, 2] as const) {
      const rows = await store.logRows({ meterId: null, cosemLog: log, limit: mostCosemEvents });
      this.recent[log] = [...rows.map(eventOf).reverse(), ...this.recent[log]].slice(-mostCosemEvents);
    }
  }

  private async prune(): Promise<void> {
    const { clock, clockStatus } = this.parts;
    const { keepDays, maxMegabytes } = this.limits;
    // A clock that is not known to be good must not empty the log.
    const beforeMs = (clockStatus?.() ?? 0) === 0 ? clock.now() - keepDays * dayMs : undefined;
    try {
      const entries = await this.store?.pruneLog({ beforeMs, maxBytes: maxMegabytes * megabyte });
      if (entries !== undefined && entries > 0) this.logger.info("old log entries were removed", { entries });
    } catch (error) {
      if ((error as { reason?: unknown }).reason === "closed") return;
      this.parts.console.error("the log could not be looked after", { error: String(error) });
    }
  }
}

function cosemLogOf(textId: number, severity: LogSeverity): CosemLog {
  if (severity < 0) return cosemLog.none;
  if (isFraud(textId)) return cosemLog.fraud;
  return logTexts.get(textId)?.isEvent === true ? cosemLog.standard : cosemLog.none;
}

/** Whom a line is about, the most telling first. */
const subjects = [
  "device",
  "meter",
  "meterId",
  "bus",
  "receiver",
  "job",
  "report",
  "door",
  "peer",
  "address",
  "path",
  "part",
];

/** `meter/GWF19458309073C`; of a peer its address without the port, which is another one each time. */
function originOf(textId: number, parameters: LogFields): string {
  const section = sectionOf(textId);
  for (const name of subjects) {
    const value = parameters[name];
    if (typeof value !== "string" && typeof value !== "number") continue;
    const subject = name === "peer" ? String(value).replace(/:\d+$/, "") : String(value);
    return `${section}/${subject.slice(0, 64)}`;
  }
  return section;
}

/** Told to the console alone, as the set-up code of the first start: the log is for more eyes than that. */
const secretName = /^(setUpCode|password|passphrase|secret|token)$/i;

function written(parameters: LogFields): string {
  const text = JSON.stringify(parameters, (name, value: unknown) => {
    if (value !== undefined && secretName.test(name)) return "[secret]";
    if (typeof value === "bigint") return String(value);
    if (value instanceof Error) return value.message;
    if (value instanceof Uint8Array) return toHex(value);
    return typeof value === "string" && value.length > 500 ? `${value.slice(0, 500)}...` : value;
  });
  return text.length <= mostParameters ? text : JSON.stringify({ cut: text.slice(0, mostParameters / 2) });
}

function messageIn(parameters: string): string {
  return String((JSON.parse(parameters) as Record<string, unknown>)["message"] ?? "");
}

function eventOf({ atMs, clockStatus, textId, parameters }: NewEntry): CosemLogEvent {
  const words = wordsOf(textId, JSON.parse(parameters) as Record<string, unknown>);
  // What a visible-string may hold.
  return { atMs, clockStatus, code: textId, message: words.replace(/[^\x20-\x7e]/g, "?") };
}
