import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "../../../../cosem/codec/bytes.js";
import { testFile } from "../../../support/repository.js";

/** One record as test/vectors/mbus describes it; see the NOTICE beside the folder for the sources. */
export interface ExpectedRecord {
  readonly function: string;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly quantity: string;
  readonly unit: string;
  readonly kind: "number" | "date" | "datetime" | "time" | "string" | "hex" | "profile" | "none";
  readonly value: number | string | null;
  readonly altValue?: number | string;
  readonly modifiers?: readonly string[];
  readonly recordError?: string;
  readonly manufacturerSpecific?: boolean;
  readonly drh?: string;
  readonly data: string;
}

export interface Vector {
  readonly id: string;
  readonly hex: string;
  readonly expect: {
    readonly kind: "variable" | "fixed" | "application-error" | "malformed" | "command";
    readonly reason?: string;
    readonly code?: number;
    readonly manufacturer?: string | null;
    readonly id?: string;
    readonly version?: number | null;
    readonly mediumCode?: number;
    readonly medium?: string;
    readonly accessNumber?: number;
    readonly status?: number;
    readonly configWord?: number;
    readonly more?: boolean;
    readonly manufacturerData?: string | null;
    readonly records?: readonly ExpectedRecord[];
  };
}

/** All items of all files in test/vectors/mbus that hold wired frames. */
export function wiredVectors(): Vector[] {
  const folder = testFile("vectors/mbus");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json") && !name.includes("wireless"));
  return files.flatMap((name) => {
    const file = JSON.parse(readFileSync(join(folder, name), "utf8")) as { items: Vector[] };
    return file.items;
  });
}

/**
 * Application data of a sound long frame `68 L L 68 C A … CS 16`; undefined where the frame itself is broken. Written
 * here once more so that these tests lean on no code of ours.
 */
export function applicationData(hex: string): Uint8Array | undefined {
  const frame = fromHex(hex);
  const length = frame[1] ?? 0;
  if (frame.length !== length + 6 || length < 3 || frame[2] !== length) return undefined;
  if (frame[0] !== 0x68 || frame[3] !== 0x68 || frame[frame.length - 1] !== 0x16) return undefined;
  const sum = frame.subarray(4, -2).reduce((total, byte) => (total + byte) & 0xff, 0);
  return sum === frame[frame.length - 2] ? frame.slice(6, -2) : undefined;
}

/** Application data of every readout among the vectors. */
export function readouts(): { id: string; data: Uint8Array }[] {
  return wiredVectors().flatMap(({ id, hex, expect }) => {
    const data = expect.kind === "variable" || expect.kind === "fixed" ? applicationData(hex) : undefined;
    return data === undefined ? [] : [{ id, data }];
  });
}
