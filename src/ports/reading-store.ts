/**
 * What the gateway keeps, as a port: SQLite today, PostgreSQL later. One worker owns the only write connection.
 * Nothing here knows what a record means: layouts and objects are opaque to the store.
 */

/** A meter as installed. `id` is the store's key, given at installation. */
export interface MeterRow {
  readonly id: number;
  /** SAP for life (DESIGN, logical devices); 16 upwards, 127 left out. */
  readonly sap: number;
  /** Logical device name, fixed at the first good readout; before that undefined. */
  readonly logicalDeviceName: string | undefined;
  /** Key of the meter kind: manufacturer, version, medium; undefined before the first good readout. */
  readonly kind: string | undefined;
  /** Name of the interface (bus) it is read on. */
  readonly interfaceName: string;
  /** Secondary address as 16 hex digits (id, manufacturer, version, medium, as written) or undefined. */
  readonly secondaryAddress: string | undefined;
  readonly primaryAddress: number | undefined;
  /** 8 digits; only where it tells two meters of one secondary address apart. */
  readonly fabricationNumber?: string | undefined;
  readonly position: string;
  /** Of its own, where that is not its bus's. */
  readonly baudRate?: number | undefined;
  /** Undefined: by the address it has; wireless meters have none. */
  readonly addressingMode?: AddressingMode | undefined;
  /** esecondary: 8 digits of its receiver; wireless: name of the receiver that hears it best. */
  readonly receiver?: string | undefined;
  /** Left out of the cycle. */
  readonly isPassive?: boolean | undefined;
  /** Where it is read otherwise than its bus. */
  readonly mbus?: MeterMbusSettings | undefined;
  /** Named by the settings file, whose word counts again at each start. */
  readonly isDeclared?: boolean | undefined;
  /** Of the last reading of a history that is gone: numbers go on from there, as reports remember them. */
  readonly lastNumber?: number | undefined;
  /** Taken off the list; its SAP stays its own. Milliseconds since 1970 UTC. */
  readonly removedAtMs?: number | undefined;
}

/** How a wired meter is asked. esecondary: a wireless meter behind a receiver on the wired bus. */
export type AddressingMode = "primary" | "secondary" | "esecondary";

/** M-Bus settings of one meter; what is left out is as on its bus. */
export interface MeterMbusSettings {
  readonly multiTelegram?: "off" | "auto" | undefined;
  /** 0: as many telegrams as the meter announces. */
  readonly telegramLimit?: number | undefined;
  readonly responseTimeoutMs?: number | undefined;
  readonly readoutRetries?: number | undefined;
  readonly selectionRetries?: number | undefined;
  readonly collisionIdleMs?: number | undefined;
  readonly requestIdleMs?: number | undefined;
}

/** An object that a meter kind serves: assigned once, never reused or changed (DESIGN, decisions 5 and 7). */
export interface KindObjectRow {
  readonly kind: string;
  /** What the record says: function, storage, tariff, subunit, VIF and VIFEs without exponent and error, occurrence. */
  readonly identity: string;
  readonly classId: number;
  readonly logicalName: string;
  readonly scaler: number;
  readonly unit: number;
  /** `Data` choice of the value attribute. */
  readonly dataType: string;
  /** Position in the kind's object list; grows by one, never reused. */
  readonly position: number;
  /** True where no map knew the record: its code is in the manufacturer range. */
  readonly unmapped: boolean;
}

/** A readout shape: the record headers of its telegrams, from which mapping compiles offsets. */
export interface LayoutRow {
  readonly id: number;
  readonly kind: string;
  /** The shape's key, bytes of all DIB/VIB in order with value lengths where these are part of the shape. */
  readonly shape: Uint8Array;
}

/** One committed readout: all telegrams of one meter at one time. */
export interface ReadingRow {
  readonly meterId: number;
  /** 1, 2, 3 … within the meter. */
  readonly number: number;
  /** End of the readout, milliseconds since 1970 UTC. */
  readonly readAtMs: number;
  readonly layoutId: number;
  /** Bits 0 to 7: COSEM clock status of readAt (0 valid, 1 invalid …); from 8 on: quality, as judged when it was read. */
  readonly clockStatus: number;
  /** The telegrams' application data from the CI field on, each with a two-byte big-endian length before it. */
  readonly payload: Uint8Array;
}

/** A layout that a meter has sent, noted with the first reading in it. */
export interface MeterLayoutRow {
  readonly meterId: number;
  readonly layoutId: number;
  /** 1, 2, 3 … in the order of their first use; 0 where that is not known. */
  readonly ordinal: number;
  /** Objects that the meter's kind had then. */
  readonly objectCount: number;
}

/** Everything needed at start; newest reading of each meter included. */
export interface StoredState {
  /** Removed ones too. */
  readonly meters: readonly MeterRow[];
  readonly kindObjects: readonly KindObjectRow[];
  readonly layouts: readonly LayoutRow[];
  /** By meter, in the order of their first use. */
  readonly meterLayouts: readonly MeterLayoutRow[];
  readonly newest: readonly ReadingRow[];
}

/** A reading with what it taught: definitions land in the same transaction, before it. */
export interface ReadingCommit {
  readonly reading: ReadingRow;
  readonly newLayout?: LayoutRow;
  readonly newObjects?: readonly KindObjectRow[];
  /** Set when the meter sends this layout for the first time. */
  readonly meterLayout?: MeterLayoutRow;
  /** Set when this readout fixed the meter's name and kind, which are taken from it; all else stays as it is. */
  readonly meter?: MeterRow;
}

/** Which readings of one meter, oldest first. Times inclusive; numbers inclusive. */
export interface ReadingQuery {
  readonly meterId: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly fromNumber?: number;
  readonly toNumber?: number;
  /** Newest first instead. */
  readonly descending?: boolean;
  readonly limit?: number;
  readonly offset?: number;
}

export interface ReadingStore {
  load(): Promise<StoredState>;
  addMeter(meter: Omit<MeterRow, "id">): Promise<MeterRow>;
  /** Resolves when committed to disk: at most 2 s later (group commit). Rejects when it could not be kept. */
  commit(commit: ReadingCommit): Promise<void>;
  count(query: ReadingQuery): Promise<number>;
  /** One page; at most 1,000 rows a call. Short transactions: page on by number. */
  readings(query: ReadingQuery): Promise<readonly ReadingRow[]>;
  /** Durable state of parts that need it (report cursors …), one value a key. */
  getState(key: string): Promise<string | undefined>;
  setState(key: string, value: string): Promise<void>;
  /** All of it whose keys begin with `prefix`. */
  statesWithPrefix(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Commits what is waiting, then closes. */
  close(): Promise<void>;
}
