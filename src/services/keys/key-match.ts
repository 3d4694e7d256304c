/** Which key is whose: the most exact match wins, then the newest (PRODUCT.md, row 60). */
import type { KeyRow } from "../../ports/index.js";

/** A meter as far as it is known. */
export interface MeterIdentityParts {
  readonly meterId: number;
  /** 8 digits. */
  readonly identification: string | undefined;
  readonly manufacturer: string | undefined;
  readonly type: number | undefined;
  readonly version: number | undefined;
}

/**
 * How exactly a key fits: a link counts most, then the address, then each other field; undefined: not at all. What is
 * not known of a meter does not speak against a key of its very address: a wrong key opens nothing.
 */
export function fitOf(key: KeyRow, meter: MeterIdentityParts): number | undefined {
  if (key.meterId !== undefined) return key.meterId === meter.meterId ? 8 : undefined;
  if (key.address !== undefined && key.address !== meter.identification) return undefined;
  let fit = key.address === undefined ? 0 : 4;
  const fields = [
    [key.manufacturer, meter.manufacturer],
    [key.deviceType, meter.type],
    [key.version, meter.version],
  ] as const;
  for (const [wanted, actual] of fields) {
    if (wanted === undefined) continue;
    if (actual === undefined) {
      if (key.address === undefined) return undefined;
      continue;
    }
    if (wanted !== actual) return undefined;
    fit += 1;
  }
  return fit;
}

/** By address, so that 100,000 keys cost no more than ten. */
export class KeyIndex {
  private readonly all = new Map<number, KeyRow>();
  private readonly byAddress = new Map<string, Set<KeyRow>>();
  private readonly byMeter = new Map<number, Set<KeyRow>>();
  private readonly open = new Set<KeyRow>();

  get rows(): Iterable<KeyRow> {
    return this.all.values();
  }

  get size(): number {
    return this.all.size;
  }

  get(id: number): KeyRow | undefined {
    return this.all.get(id);
  }

  add(key: KeyRow): void {
    this.all.set(key.id, key);
    this.placeOf(key).add(key);
  }

  remove(id: number): KeyRow | undefined {
    const key = this.all.get(id);
    if (key === undefined) return undefined;
    this.all.delete(id);
    this.placeOf(key).delete(key);
    return key;
  }

  linkedTo(meterId: number): readonly KeyRow[] {
    return [...(this.byMeter.get(meterId) ?? [])];
  }

  best(meter: MeterIdentityParts): KeyRow | undefined {
    let best: KeyRow | undefined;
    let bestFit = -1;
    const candidates = [
      this.byMeter.get(meter.meterId),
      meter.identification === undefined ? undefined : this.byAddress.get(meter.identification),
      this.open,
    ];
    for (const keys of candidates) {
      for (const key of keys ?? []) {
        const fit = fitOf(key, meter);
        if (fit === undefined || fit < bestFit) continue;
        if (best !== undefined && fit === bestFit && !isNewer(key, best)) continue;
        best = key;
        bestFit = fit;
      }
    }
    return best;
  }

  private placeOf({ meterId, address }: KeyRow): Set<KeyRow> {
    if (meterId !== undefined) return setAt(this.byMeter, meterId);
    return address === undefined ? this.open : setAt(this.byAddress, address);
  }
}

function isNewer(one: KeyRow, other: KeyRow): boolean {
  return one.addedAtMs === other.addedAtMs ? one.id > other.id : one.addedAtMs > other.addedAtMs;
}

function setAt<Key>(sets: Map<Key, Set<KeyRow>>, key: Key): Set<KeyRow> {
  const known = sets.get(key);
  if (known !== undefined) return known;
  const made = new Set<KeyRow>();
  sets.set(key, made);
  return made;
}
