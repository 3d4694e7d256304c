import { readFileSync } from "node:fs";
import { fromHex } from "../../../../cosem/codec/bytes.js";
import {
  AesKey,
  decodeWireless,
  RememberedFormats,
  type WirelessOptions,
  type WirelessResult,
  type WirelessTelegram,
} from "../../../../src/mbus/index.js";
import { testFile } from "../../../support/repository.js";
import type { ExpectedRecord } from "../../application/support/vectors.js";

export interface WirelessVector {
  readonly id: string;
  readonly hex: string;
  readonly key: string | null;
  readonly crc: "removed" | "A" | "B";
  readonly requires?: string;
  readonly proprietary: boolean;
  readonly nonStandard?: string;
  readonly telegram?: {
    readonly layers: readonly string[];
    readonly security?: string;
    readonly securityMode?: number;
  };
  readonly expect: {
    readonly kind?: "wireless" | "malformed" | "bad-crc" | "bad-mac" | "encrypted" | "wrong-key";
    readonly manufacturer?: string;
    readonly idNumber?: string;
    readonly version?: number;
    readonly mediumCode?: number;
    readonly accessNumber?: number | null;
    readonly status?: number | null;
    readonly link?: {
      readonly manufacturer: string;
      readonly id: string;
      readonly version: number;
      readonly mediumCode: number;
    } | null;
    readonly manufacturerData?: string | null;
    readonly fields?: Readonly<Record<string, number | string | null>>;
    readonly records?: readonly (ExpectedRecord & { readonly wmbusmeters?: readonly string[] })[];
  };
}

/** One published example; see test/vectors/NOTICE. */
export interface Example {
  readonly id: string;
  readonly hex: string;
  readonly key: string | null;
  readonly wired?: boolean;
  readonly expect: {
    readonly layers: readonly string[];
    readonly meter: Readonly<Record<string, unknown>>;
    readonly mode: number;
    readonly authenticated: boolean;
    readonly messageCounter: number | null;
    /** Decrypted application data, where the source has it. */
    readonly plain?: string;
    readonly records: readonly { readonly drh: string; readonly unit: string; readonly value: number | string }[];
  };
}

function itemsOf<Item>(name: string): Item[] {
  return (JSON.parse(readFileSync(testFile(`vectors/mbus/${name}`), "utf8")) as { items: Item[] }).items;
}

export const wirelessVectors: readonly WirelessVector[] = itemsOf("corpus-wireless.json");
export const examples: readonly Example[] = itemsOf("wireless-examples.json");

export function exampleNamed(id: string): Example {
  const found = examples.find((example) => example.id === id);
  if (found === undefined) throw new Error(`no example ${id}`);
  return found;
}

export function keyLookup(key: string | null): WirelessOptions["keyFor"] {
  const aesKey = key === null ? undefined : new AesKey(fromHex(key));
  return () => aesKey;
}

/** Decodes a vector as a run would that has heard what it requires. */
export function decodeVector(vector: WirelessVector): WirelessResult {
  const formats = new RememberedFormats();
  const required = wirelessVectors.find(({ id }) => id === vector.requires);
  if (required !== undefined) decodeWireless(fromHex(required.hex), { keyFor: keyLookup(required.key), formats });
  return decodeWireless(fromHex(vector.hex), { keyFor: keyLookup(vector.key), formats });
}

export function telegramOf(result: WirelessResult): WirelessTelegram {
  if (result.kind !== "telegram") throw new Error(`a ${result.kind}, no telegram`);
  return result;
}

export const layerNames = (layers: readonly number[]): string[] =>
  layers.map((layer) => layer.toString(16).padStart(2, "0").toUpperCase());
