/** `decode --explain`: one telegram's bytes as a tree of fields, as text or JSON. */
import { DecodeError, fromHex, toHex } from "../../cosem/index.js";
import { loadMaps, readManufacturerData } from "../mapping/index.js";
import {
  type ExplainedField,
  type Explanation,
  explainTelegram,
  explanationLines,
  type ManufacturerFields,
} from "../mbus/index.js";
import { WrongUse } from "./command.js";

export interface ExplainQuestion {
  readonly hex: string;
  readonly isWireless: boolean;
  /** 32 hex digits. */
  readonly key: string | undefined;
  readonly asJson: boolean;
}

export interface ExplainedText {
  readonly text: string;
  /** The decoder refuses the telegram: the text says why. */
  readonly isRefused: boolean;
}

/** The text alone. @throws WrongUse as explainedTelegram() does */
export function explainedText(question: ExplainQuestion): string {
  return explainedTelegram(question).text;
}

/** @throws WrongUse for what is no hex, and for a key of another length */
export function explainedTelegram({ hex, isWireless, key, asJson }: ExplainQuestion): ExplainedText {
  if (key !== undefined && !/^[0-9a-fA-F]{32}$/.test(key)) throw new WrongUse("--key wants 32 hex digits");
  const { maps } = loadMaps();
  const manufacturerFields: ManufacturerFields = (meter, data) => readManufacturerData(maps, meter, data);
  const options = { isWireless, key: key === undefined ? undefined : fromHex(key), manufacturerFields };
  const explanation = explainTelegram(bytesOf(hex), options);
  const isRefused = explanation.error !== undefined;
  if (asJson) return { text: `${JSON.stringify(explanationJson(explanation))}\n`, isRefused };
  return { text: `${explanationLines(explanation).join("\n")}\n`, isRefused };
}

function bytesOf(hex: string): Uint8Array {
  try {
    return fromHex(hex);
  } catch (error) {
    if (error instanceof DecodeError) throw new WrongUse("--explain wants an even number of hex digits");
    throw error;
  }
}

function explanationJson({ title, bytes, fields, error }: Explanation): unknown {
  return {
    title,
    hex: toHex(bytes),
    fields: fields.map((field) => fieldJson(field, bytes)),
    error: error === undefined ? null : { reason: error.reason, offset: error.offset, detail: error.words },
  };
}

function fieldJson(
  { offset, length, name, meaning, value, children, inner }: ExplainedField,
  bytes: Uint8Array,
): unknown {
  return {
    offset,
    length,
    hex: toHex(bytes.subarray(offset, offset + length)),
    name,
    meaning,
    value: value ?? null,
    fields: children.map((child) => fieldJson(child, bytes)),
    ...(inner === undefined ? {} : { inner: explanationJson(inner) }),
  };
}
