/** The keys of meters as the readout uses them: sealed in the store, opened when first needed. */
import { randomUUID } from "node:crypto";
import { AesKey } from "../../mbus/index.js";
import type { Clock, KeyRow, Logger, MeterListStore } from "../../ports/index.js";
import { KeyIndex, type MeterIdentityParts } from "./key-match.js";

/** Seals secrets at rest; src/accounts has one. */
export interface Sealer {
  seal(name: string, secret: Uint8Array): string;
  /** Throws where the seal is broken. */
  open(name: string, sealed: string): Uint8Array;
}

export interface KeyRingParts {
  readonly store: Pick<MeterListStore, "keys" | "addKeys" | "removeKeys">;
  readonly vault: Sealer;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
}

/** A key to be kept. */
export interface NewKey extends Pick<KeyRow, "address" | "manufacturer" | "deviceType" | "version" | "meterId"> {
  /** 16 bytes. */
  readonly secret: Uint8Array;
}

export class KeyRing {
  readonly index = new KeyIndex();
  private readonly parts: KeyRingParts;
  private readonly opened = new Map<number, AesKey>();
  /** Keys of the settings file, by meter id: they go before all others. */
  private readonly declared = new Map<number, AesKey>();
  private readonly broken = new Set<number>();

  constructor(parts: KeyRingParts) {
    this.parts = parts;
  }

  async load(): Promise<void> {
    for (const row of await this.parts.store.keys()) this.index.add(row);
  }

  declare(meterId: number, key: AesKey): void {
    this.declared.set(meterId, key);
  }

  isDeclared(meterId: number): boolean {
    return this.declared.has(meterId);
  }

  keyOf(meter: MeterIdentityParts): AesKey | undefined {
    const declared = this.declared.get(meter.meterId);
    if (declared !== undefined) return declared;
    const row = this.index.best(meter);
    return row && this.open(row);
  }

  /** Whether a kept key is this one; its secret stays inside. */
  holds(row: KeyRow, secret: Uint8Array): boolean {
    try {
      return Buffer.from(this.parts.vault.open(row.sealName, row.sealed)).equals(secret);
    } catch {
      return false;
    }
  }

  /** All or none. Resolves when on disk. */
  async add(keys: readonly NewKey[]): Promise<readonly KeyRow[]> {
    const addedAtMs = this.parts.clock.now();
    const rows = keys.map(({ secret, ...pattern }) => {
      const sealName = `meter-key/${randomUUID()}`;
      return { ...pattern, addedAtMs, sealName, sealed: this.parts.vault.seal(sealName, secret) };
    });
    const ids = await this.parts.store.addKeys(rows);
    const kept = rows.map((row, index): KeyRow => ({ ...row, id: ids[index] ?? 0 }));
    for (const row of kept) this.index.add(row);
    return kept;
  }

  async remove(ids: readonly number[]): Promise<void> {
    await this.parts.store.removeKeys(ids);
    for (const id of ids) {
      this.index.remove(id);
      this.opened.delete(id);
    }
  }

  private open(row: KeyRow): AesKey | undefined {
    const known = this.opened.get(row.id);
    if (known !== undefined || this.broken.has(row.id)) return known;
    try {
      const key = new AesKey(this.parts.vault.open(row.sealName, row.sealed));
      this.opened.set(row.id, key);
      return key;
    } catch (error) {
      this.broken.add(row.id);
      this.parts.logger.error("a meter key cannot be opened; give it again", { keyId: row.id, error: String(error) });
      return undefined;
    }
  }
}
