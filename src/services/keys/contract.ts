/**
 * Encryption keys of meters (PRODUCT.md, rows 58 to 60). A key says for which meters it is: by address, manufacturer, device
 * type and version, any of them left open, or linked to one meter. It is sealed at rest and never told to anyone again.
 */
import type { Principal } from "../../../cosem/index.js";
import type { Refusable } from "../refusal.js";
import type { ImportedFile, ImportOptions, ImportReport, TableFormat, WrittenFile } from "../tables/contract.js";

export type { ImportedFile, ImportOptions, ImportReport, TableFormat, WrittenFile } from "../tables/contract.js";

/** For which meters a key is; undefined: any. */
export interface KeyPattern {
  /** 8 digits. */
  readonly address: string | undefined;
  /** Three letters. */
  readonly manufacturer: string | undefined;
  readonly deviceType: number | undefined;
  readonly version: number | undefined;
}

/** A key without its secret. */
export interface KeyListing extends KeyPattern {
  readonly id: number;
  /** Linked: of this meter alone. */
  readonly device: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly addedAtMs: number;
  /** Meters that are opened with it now. */
  readonly meterCount: number;
}

export interface KeyDraft extends Partial<KeyPattern> {
  /** 32 hex digits. */
  readonly key: string;
  /** Links it: name of the meter; the pattern is then its own. */
  readonly device?: string | undefined;
}

export interface KeyPage {
  readonly keys: readonly KeyListing[];
  readonly nextAfterId: number | undefined;
  readonly total: number;
}

/** Each call checks `meters.read` or `keys.write`. */
export interface KeyService {
  list(
    principal: Principal,
    query: { readonly afterId?: number | undefined; readonly limit: number },
  ): Refusable<KeyPage>;
  add(principal: Principal, draft: KeyDraft): Promise<Refusable<KeyListing>>;
  remove(principal: Principal, id: number): Promise<Refusable<KeyListing>>;
  importFile(principal: Principal, file: ImportedFile, options: ImportOptions): Promise<Refusable<ImportReport>>;
  example(principal: Principal, format: TableFormat): Promise<Refusable<WrittenFile>>;
}
