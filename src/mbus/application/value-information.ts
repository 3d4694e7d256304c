/** What VIF and VIFEs of a record say: run once per header, the result is kept with it (EN 13757-3). */
import type { ValueInformation } from "../record.js";
import { efTable, fbTable, fdfdTable, fdTable, primaryTable, type ValueKind, type VifMeaning } from "./vif-tables.js";
import { extensionWords, hexCode, makesUnsigned, typeC, vifeMeaning } from "./vife-tables.js";

/** Where a value information block stands in a header: VIF, plain text (unless `textLength` is -1), VIFEs. */
export interface VibPlaces {
  readonly vif: number;
  readonly textOffset: number;
  readonly textLength: number;
  /** First VIFE (or VIF code of an extension table), and the end of the VIFEs. */
  readonly vifes: number;
  readonly vifesEnd: number;
}

export interface ParsedInformation {
  readonly information: ValueInformation;
  readonly kind: ValueKind;
  /** Compact profile: the data bytes stay as sent. */
  readonly profile: boolean;
  /** VIF and VIFEs in hex without exponents and record errors: what an object's identity is made of. */
  readonly identity: string;
}

const primaryPlainText = 0x7c;
const manufacturerVif = 0x7f;
export const maxVifes = 10;

const extensionTables: Readonly<Record<number, readonly VifMeaning[]>> = { 251: fbTable, 253: fdTable, 239: efTable };

const reserved: VifMeaning = { quantity: "Reserved", unit: "", exponent: 0, kind: "signed", baseCode: 0 };

/** Never throws: codes the tables lack become `Reserved` or `VIFE 0x…`. */
export function parseInformation(header: Uint8Array, places: VibPlaces): ParsedInformation {
  const parser = new InformationParser(header, places);
  parser.readVif();
  parser.readVifes();
  return parser.finish();
}

/** More than 10 VIFEs (EN 13757-3 allows 10). */
export function hasTooManyVifes(places: VibPlaces): boolean {
  return places.vifesEnd - places.vifes > maxVifes;
}

class InformationParser {
  private readonly header: Uint8Array;
  private readonly places: VibPlaces;
  private next: number;
  private quantity = "";
  private unit = "";
  private exponent = 0;
  private kind: ValueKind = "signed";
  private profile = false;
  private manufacturerSpecific = false;
  private recordError: string | undefined;
  private identity = "";
  private readonly modifiers: string[] = [];
  private readonly addExponents: number[] = [];

  constructor(header: Uint8Array, places: VibPlaces) {
    this.header = header;
    this.places = places;
    this.next = places.vifes;
  }

  readVif(): void {
    const vif = this.header[this.places.vif] ?? 0;
    const extension = extensionTables[vif];
    if (extension !== undefined) this.readExtension(vif, extension);
    else this.take(primaryTable[vif & 0x7f] ?? reserved, "");
    if ((vif & 0x7f) === primaryPlainText) this.readPlainText();
    if ((vif & 0x7f) === manufacturerVif) {
      this.manufacturerSpecific = true;
      this.readManufacturerVifes();
    }
  }

  private readExtension(vif: number, table: readonly VifMeaning[]): void {
    const code = this.header[this.next++] ?? 0;
    // FD FD is a second-level table, where the next byte is a VIF code again.
    if (vif === 0xfd && code === 0xfd) {
      const second = this.header[this.next++] ?? 0;
      this.take(fdfdTable[second & 0x7f] ?? reserved, "fdfd");
      return;
    }
    this.take(table[code & 0x7f] ?? reserved, hex(vif));
  }

  private take(meaning: VifMeaning, prefix: string): void {
    this.quantity = meaning.quantity;
    this.unit = meaning.unit;
    this.exponent = meaning.exponent;
    this.kind = meaning.kind;
    this.identity = prefix + hex(meaning.baseCode);
  }

  /** ISO 8859-1, sent last character first. */
  private readPlainText(): void {
    let text = "";
    for (let index = this.places.textLength - 1; index >= 0; index--) {
      const code = this.header[this.places.textOffset + index] ?? 0;
      text += String.fromCharCode(code);
      this.identity += hex(code);
    }
    this.unit = text;
    // Keeps a text apart from the VIFEs behind it.
    this.identity += ".";
  }

  readVifes(): void {
    while (this.next < this.places.vifesEnd) this.readVife(this.header[this.next++] ?? 0);
  }

  private readVife(vife: number): void {
    const meaning = vifeMeaning(vife);
    switch (meaning.effect) {
      case "multiply":
        this.exponent += meaning.exponent;
        this.modifiers.push(meaning.words);
        return;
      case "error":
        this.recordError = meaning.words;
        return;
      case "add":
        this.addExponents.push(meaning.exponent);
        this.modifiers.push(meaning.words);
        this.identity += "78";
        return;
      case "extension":
        this.readCombinableExtension();
        return;
      case "manufacturer":
        this.manufacturerSpecific = true;
        this.identity += "7f";
        this.readManufacturerVifes();
        return;
      case "profile":
        this.profile = true;
        break;
      case "date":
        this.kind = "date";
        break;
      case "count":
        this.setUnit("");
        break;
      case "duration":
        this.quantity += " (duration)";
        this.setUnit(meaning.unit);
        break;
      case "nonMetric":
        // Which unit stands for the metric one is a table of its own; the number must not pass as a metric one.
        this.unit = `non-metric (${this.unit})`;
        break;
      case "modifier":
        // VIFE 00 is "no error": it comes and goes as the record errors do.
        if ((vife & 0x7f) === 0) {
          this.modifiers.push(meaning.words);
          return;
        }
        break;
    }
    this.modifiers.push(meaning.words);
    this.identity += hex(vife & 0x7f);
  }

  private setUnit(unit: string): void {
    this.unit = unit;
    this.exponent = 0;
    this.kind = "signed";
  }

  private readCombinableExtension(): void {
    if (this.next >= this.places.vifesEnd) return;
    const vife = this.header[this.next++] ?? 0;
    this.modifiers.push(extensionWords(vife));
    if (makesUnsigned(vife) && this.kind === "signed") this.kind = "unsigned";
    // What the value is stays the same.
    if ((vife & 0x7f) !== typeC) this.identity += `7c${hex(vife & 0x7f)}`;
  }

  private readManufacturerVifes(): void {
    while (this.next < this.places.vifesEnd) {
      const vife = this.header[this.next++] ?? 0;
      this.modifiers.push(`mfct ${hexCode(vife)}`);
      this.identity += hex(vife);
    }
  }

  finish(): ParsedInformation {
    const lowest = Math.min(0, ...this.addExponents);
    let addend = 0;
    for (const exponent of this.addExponents) addend += 10 ** (exponent - lowest);
    const information: ValueInformation = Object.freeze({
      quantity: this.quantity,
      unit: this.unit,
      exponent: this.exponent,
      addend,
      addendExponent: addend === 0 ? 0 : lowest,
      modifiers: Object.freeze(this.modifiers),
      recordError: this.recordError,
      manufacturerSpecific: this.manufacturerSpecific,
    });
    return { information, kind: this.kind, profile: this.profile, identity: this.identity };
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
