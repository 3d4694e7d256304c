/**
 * Everything heard, installed or not, one entry a meter: who, how strong over which receiver, since when, how often.
 * Bounded: the meter not heard for the longest time gives way to a new one.
 */
import type { HeardTelegram, WirelessAddress } from "../../mbus/index.js";
import type { Reception, ReceptionLink, ReceptionPage } from "../../ports/index.js";
import { meterNameOf } from "./address-filter.js";

export interface HeardBy {
  readonly receiver: string;
  readonly rssiDbm: number | undefined;
  readonly mode: string | undefined;
  readonly nowMs: number;
  /** False where another receiver had heard the same telegram. */
  readonly isNew: boolean;
}

interface Entry extends Omit<Reception, "links"> {
  readonly links: ReadonlyMap<string, ReceptionLink>;
}

/** A link that was not heard for so long says nothing of now. */
const linkLifeMs = 24 * 3600 * 1000;

export class ReceptionList {
  private readonly limit: number;
  /** By meter, the one not heard for the longest time first. */
  private readonly entries = new Map<string, Entry>();
  private lastNumber = 0;
  /** Meters that gave way to others. */
  forgotten = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.entries.size;
  }

  note(heard: HeardTelegram, { receiver, rssiDbm, mode, nowMs, isNew }: HeardBy): void {
    const { manufacturer, id, version, medium } = heard.meter;
    const meter = meterNameOf(heard.meter);
    const known = this.entries.get(meter);
    const links = new Map(known?.links);
    const link = links.get(receiver);
    links.set(receiver, {
      receiver,
      rssiDbm,
      mode: mode ?? link?.mode,
      lastAtMs: nowMs,
      count: (link?.count ?? 0) + 1,
    });
    this.entries.delete(meter);
    this.entries.set(meter, {
      number: known?.number ?? ++this.lastNumber,
      meter,
      manufacturer,
      identification: id,
      version,
      medium,
      firstAtMs: known?.firstAtMs ?? nowMs,
      lastAtMs: nowMs,
      count: (known?.count ?? 0) + (isNew || known === undefined ? 1 : 0),
      isEncrypted: heard.isEncrypted,
      isRepeated: heard.isRepeated,
      accessNumber: heard.accessNumber ?? undefined,
      proprietary: heard.proprietary,
      unread: known?.unread,
      links,
    });
    if (this.entries.size > this.limit) this.forgetOldest();
  }

  /** A telegram noted before, of an installed meter, could not be read. @param cause  names the check that failed */
  noteUnread(address: WirelessAddress, cause: string, nowMs: number): void {
    const meter = meterNameOf(address);
    const known = this.entries.get(meter);
    if (known === undefined) return;
    const unread = { count: (known.unread?.count ?? 0) + 1, lastAtMs: nowMs, cause };
    this.entries.set(meter, { ...known, unread });
  }

  find(meter: string): Reception | undefined {
    const entry = this.entries.get(meter);
    return entry && receptionOf(entry);
  }

  /** In the order of first being heard. */
  page(query: { readonly afterNumber?: number; readonly limit: number }): ReceptionPage {
    const after = query.afterNumber ?? 0;
    const later = [...this.entries.values()].filter(({ number }) => number > after).sort((a, b) => a.number - b.number);
    const receptions = later.slice(0, query.limit).map(receptionOf);
    const nextAfterNumber = later.length > receptions.length ? receptions.at(-1)?.number : undefined;
    return { receptions, nextAfterNumber, total: this.entries.size };
  }

  private forgetOldest(): void {
    for (const meter of this.entries.keys()) {
      this.entries.delete(meter);
      this.forgotten += 1;
      return;
    }
  }
}

function receptionOf(entry: Entry): Reception {
  const isCurrent = ({ lastAtMs }: ReceptionLink) => entry.lastAtMs - lastAtMs < linkLifeMs;
  const links = [...entry.links.values()].filter(isCurrent).sort(byStrength);
  return { ...entry, links };
}

/** The stronger first; one without dBm after those with; else the newer. */
function byStrength(one: ReceptionLink, other: ReceptionLink): number {
  const weakest = Number.NEGATIVE_INFINITY;
  const [a, b] = [one.rssiDbm ?? weakest, other.rssiDbm ?? weakest];
  return a === b ? other.lastAtMs - one.lastAtMs : b - a;
}
