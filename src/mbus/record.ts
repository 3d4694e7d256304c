/**
 * What a decoded M-Bus telegram looks like: the shapes shared by decoder, encoder, layouts, mapping and views.
 * Values are integers with a power of ten beside them; nothing is scaled here (EN 13757-3).
 */
import type { DecodeReason } from "../../cosem/codec/bytes.js";

/** DIF bits 4 and 5. */
export type RecordFunction = "inst" | "max" | "min" | "error";

/**
 * One value as coded. `integer` has `exponent` beside it in the record; `invalid` is a coded value that is not valid
 * (BCD with digits A-E, 80…00, FF…FF dates, NaN) with its raw bytes and the reason in words.
 */
export type RecordValue =
  | { readonly kind: "integer"; readonly value: number | bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  /** A compact profile as sent; anything else most significant byte first (the wire has the last byte first). */
  | { readonly kind: "bytes"; readonly value: Uint8Array }
  /** Type G: `YYYY-MM-DD` as coded. */
  | { readonly kind: "date"; readonly value: string }
  /** Types F, I, M in the meter's own clock: `YYYY-MM-DDTHH:MM:SS`, no zone. */
  | { readonly kind: "datetime"; readonly value: string; readonly summerTime: boolean; readonly timeInvalid: boolean }
  /** Type J: `HH:MM:SS`. */
  | { readonly kind: "time"; readonly value: string }
  | { readonly kind: "none" }
  /** `coded`: the integer as coded, where there is one (80…00). `of`: what it should have been, where no number. */
  | {
      readonly kind: "invalid";
      readonly reason: string;
      readonly coded?: number | bigint;
      readonly of?: "date" | "datetime" | "time";
    };

/** What VIF and VIFEs say. */
export interface ValueInformation {
  /** Words for the VIF, spelled as in test/vectors/mbus: `Energy`, `Volume flow`, `Flow temperature`. */
  readonly quantity: string;
  /** Base unit after scaling: Wh, J, m3, kg, W, J/h, m3/h, °C, K, bar, V, A, s, … ; the text of a plain-text VIF. */
  readonly unit: string;
  /** Power of ten from the coded integer to the base unit, VIFE multipliers included. */
  readonly exponent: number;
  /** Number to add after scaling (additive correction VIFE 78-7B): `addend` × 10^`addendExponent`; usually 0. */
  readonly addend: number;
  readonly addendExponent: number;
  /** Orthogonal VIFEs in words, in order, without record errors: `per second`, `phase L1`, `times 10^3`, … */
  readonly modifiers: readonly string[];
  /** Record error of a VIFE (`no data available` …), else undefined. */
  readonly recordError: string | undefined;
  /** VIF 7F/FF or a VIFE FF: the raw number counts. */
  readonly manufacturerSpecific: boolean;
}

/**
 * Why nothing may be taken from a record; the records around it are good all the same. `tooManyExtensions`: more than
 * 10 DIFEs or VIFEs. `reservedDataField`, `badLength`: a DIF or an LVAR that no meter sends, so that no meaning or no
 * length is known.
 */
export interface RecordFault {
  readonly reason: Extract<DecodeReason, "reservedDataField" | "badLength" | "tooManyExtensions">;
  /** Of the byte that is wrong, into the bytes handed to the decoder. */
  readonly offset: number;
  readonly words: string;
}

/** One data record. Offsets point into the bytes handed to the decoder. */
export interface DataRecord {
  readonly function: RecordFunction;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly information: ValueInformation;
  readonly value: RecordValue;
  /** Set: a bad record. Its value is `invalid`, its bytes are as sent. */
  readonly fault: RecordFault | undefined;
  /** DIF bits 0-3: how the value is coded. */
  readonly dataField: number;
  /**
   * Offset of the DIF, of the first value byte (behind LVAR if there is one; a reserved LVAR itself) and of the end.
   * A bad record of unknown length ends where the telegram ends.
   */
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly endOffset: number;
  /** DIF, DIFEs, VIF, VIFEs (and plain text) as sent. */
  readonly header: Uint8Array;
}

/** Who sent it, from the fixed header. Null where the header lacks the field. */
export interface MeterHeader {
  /** Three letters. */
  readonly manufacturer: string | null;
  /** Eight digits, hex digits where the meter sends such. */
  readonly id: string | null;
  readonly version: number | null;
  /** Device type, EN 13757-3. */
  readonly medium: number | null;
  readonly accessNumber: number | null;
  readonly status: number | null;
}

/** A telegram's application data, decoded. */
export interface DecodedTelegram {
  readonly meter: MeterHeader;
  readonly controlInformation: number;
  /** Configuration word (`signature` of old meters) of the header; null where the header lacks it. */
  readonly configurationWord: number | null;
  readonly records: readonly DataRecord[];
  /** What follows DIF 0F or 1F; undefined when there is none. */
  readonly manufacturerData: Uint8Array | undefined;
  /** DIF 1F: more records follow in the next telegram. */
  readonly more: boolean;
}
