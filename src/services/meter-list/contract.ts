/**
 * The meter list: which meters are installed, where they hang and how they are asked. Each call checks a right
 * (`meters.read`, `meters.write`) and every change is an audit entry. A meter is named by its logical device name, by
 * `sap<n>`, or, in a list, by its secondary address.
 */
import type { Principal } from "../../../cosem/index.js";
import type { AddressingMode, MeterMbusSettings } from "../../ports/index.js";
import type { Refusable } from "../refusal.js";
import type { ImportedFile, ImportOptions, ImportReport, TableFormat, WrittenFile } from "../tables/contract.js";

export type { AddressingMode, MeterMbusSettings } from "../../ports/index.js";
export type { Refusable, ServiceRefusal } from "../refusal.js";
export type { ImportedFile, ImportOptions, ImportReport, TableFormat, WrittenFile } from "../tables/contract.js";

export type MeterState = "active" | "passive";

/** What the list has of a meter. */
export interface MeterListing {
  /** Logical device name, or `sap<n>` before the first good readout. */
  readonly device: string;
  readonly sap: number;
  /** Free text for place or function (MOID). */
  readonly position: string;
  /** 8 digits. */
  readonly secondaryAddress: string | undefined;
  /** Three letters; as read, else as given. */
  readonly manufacturer: string | undefined;
  readonly version: number | undefined;
  /** Device type of EN 13757-3, and its name. */
  readonly type: number | undefined;
  readonly typeName: string | undefined;
  readonly primaryAddress: number | undefined;
  /** Of the meter, else of its bus; undefined: wireless. */
  readonly baudRate: number | undefined;
  readonly addressingMode: AddressingMode | "wireless";
  /** 8 digits; only where it tells two meters of one secondary address apart. */
  readonly fabricationNumber: string | undefined;
  readonly interfaceName: string;
  /** esecondary: address of its receiver (8 digits); wireless: name of the receiver that hears it best. */
  readonly receiver: string | undefined;
  /** Wireless: those that hear it now, the best first. */
  readonly optionalReceivers: readonly { readonly receiver: string; readonly rssiDbm: number | undefined }[];
  readonly state: MeterState;
  /** Own M-Bus settings; what is left out is as on its bus. */
  readonly mbus: MeterMbusSettings;
  /** Which key opens its telegrams; the key itself is never told. */
  readonly key: MeterKeyMatch;
  /** Named by the settings file, whose word counts again at each start. */
  readonly isDeclared: boolean;
  /** Of the newest kept reading; milliseconds since 1970 UTC. */
  readonly readAtMs: number | undefined;
}

/** `settings`: of the settings file; `linked`: of this meter alone; `match`: found by its address; `noMatch`. */
export type MeterKeyMatch =
  | { readonly kind: "settings" | "noMatch" }
  | { readonly kind: "linked" | "match"; readonly keyId: number };

/** A meter as somebody gives it; what is left out is undefined, `""` or as on its bus. */
export interface MeterDraft {
  readonly interfaceName?: string | undefined;
  readonly position?: string | undefined;
  /** 8 digits (F: any digit), or 16 hex digits with manufacturer, version and type. */
  readonly secondaryAddress?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly version?: number | undefined;
  readonly type?: number | undefined;
  /** 0 to 250. */
  readonly primaryAddress?: number | undefined;
  readonly baudRate?: number | undefined;
  readonly addressingMode?: AddressingMode | "wireless" | undefined;
  readonly fabricationNumber?: string | undefined;
  readonly receiver?: string | undefined;
  readonly state?: MeterState | undefined;
  readonly mbus?: MeterMbusSettings | undefined;
}

/** Only what is named changes; null takes a value away. */
export type MeterChanges = { readonly [Key in keyof MeterDraft]?: MeterDraft[Key] | null };

export interface MeterListQuery {
  /** Exclusive. */
  readonly afterSap?: number | undefined;
  readonly limit: number;
  /** In name, position, address or interface; any case. */
  readonly text?: string | undefined;
  readonly state?: MeterState | undefined;
  readonly interfaceName?: string | undefined;
}

export interface MeterListPage {
  readonly meters: readonly MeterListing[];
  readonly nextAfterSap: number | undefined;
  /** Of those asked for. */
  readonly total: number;
  readonly active: number;
  readonly passive: number;
}

export interface RemoveOptions {
  /** Readings stay in the database, for the case that the meter comes back; default: they go with it. */
  readonly keepHistory?: boolean | undefined;
}

/** What is done to many meters at once. */
export type BulkAction =
  | { readonly kind: "change"; readonly changes: MeterChanges }
  | { readonly kind: "remove"; readonly keepHistory?: boolean | undefined }
  | { readonly kind: "reinstall" };

/** Of which meters: named ones, or all that a query finds. */
export type MeterSelection =
  | { readonly meters: readonly string[] }
  | { readonly all: Omit<MeterListQuery, "afterSap" | "limit"> };

export interface BulkReport {
  readonly done: number;
  readonly refused: readonly { readonly meter: string; readonly message: string }[];
}

/** What changed on the list; told after it is on disk. */
export interface MeterListChange {
  readonly kind: "added" | "changed" | "removed";
  readonly meterId: number;
}

export interface MeterListService {
  list(principal: Principal, query: MeterListQuery): Refusable<MeterListPage>;
  get(principal: Principal, meter: string): Refusable<MeterListing>;
  add(principal: Principal, draft: MeterDraft): Promise<Refusable<MeterListing>>;
  change(principal: Principal, meter: string, changes: MeterChanges): Promise<Refusable<MeterListing>>;
  /** The SAP stays the meter's own for life: found again, it gets it back. */
  remove(principal: Principal, meter: string, options: RemoveOptions): Promise<Refusable<MeterListing>>;
  /**
   * Another meter in this one's place, with its position and settings; `given` says what is different. The old one stays
   * with its history, passive.
   */
  replace(principal: Principal, meter: string, given: MeterChanges): Promise<Refusable<MeterListing>>;
  bulk(principal: Principal, selection: MeterSelection, action: BulkAction): Promise<Refusable<BulkReport>>;
  /** Wireless: the receiver that hears it best now. */
  reinstall(principal: Principal, meter: string): Promise<Refusable<MeterListing>>;
  /** CSV, .xls or .xlsx; an empty cell leaves what is there. Meters that the file does not name stay as they are. */
  importFile(principal: Principal, file: ImportedFile, options: ImportOptions): Promise<Refusable<ImportReport>>;
  /** All meters, in the columns that importFile() takes. */
  exportFile(principal: Principal, format: TableFormat): Promise<Refusable<WrittenFile>>;
  example(principal: Principal, format: TableFormat): Promise<Refusable<WrittenFile>>;
}
