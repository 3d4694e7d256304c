/** Manufacturer's data behind DIF 0F or 1F: broken down where somebody knows its fields. */
import type { DataRecord, MeterHeader, RecordValue } from "../record.js";
import type { FieldWriter } from "./tree.js";
import { valueText } from "./value-text.js";

/** A field of the manufacturer's data; several may share bytes (bits of one byte). */
export interface KnownField extends Pick<DataRecord, "storage" | "tariff" | "information"> {
  /** Into the data behind DIF 0F or 1F; all `length` bytes are within it. */
  readonly offset: number;
  readonly length: number;
  readonly value: RecordValue;
}

/** Says which fields a meter's data has; none where nothing is known of it. */
export type ManufacturerFields = (meter: MeterHeader, data: Uint8Array) => readonly KnownField[];

/** All that is left, every byte once: known fields in their order, those that share bytes together, gaps between. */
export function writeManufacturerData(writer: FieldWriter, known: readonly KnownField[]): void {
  const name = "manufacturer's data";
  if (known.length === 0) {
    writer.rest({ name });
    return;
  }
  writer.group({ name }, (inside) => {
    const start = inside.offset;
    for (const { fields, offset, length } of runsOf(known)) {
      inside.take(start + offset - inside.offset, { name: "not described" });
      inside.take(length, {
        name: "manufacturer's field",
        meaning: fields.map(words).join("; "),
        value: fields.map(({ value, information }) => valueText(value, information) ?? "").join("; "),
      });
    }
    inside.rest({ name: "not described" });
  });
}

interface Run {
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly KnownField[];
}

/** Fields that share bytes are one run. */
function runsOf(known: readonly KnownField[]): Run[] {
  const runs: Run[] = [];
  for (const field of known.toSorted((one, other) => one.offset - other.offset)) {
    const last = runs.at(-1);
    if (last === undefined || last.offset + last.length <= field.offset) {
      runs.push({ offset: field.offset, length: field.length, fields: [field] });
      continue;
    }
    const end = Math.max(last.offset + last.length, field.offset + field.length);
    runs[runs.length - 1] = { offset: last.offset, length: end - last.offset, fields: [...last.fields, field] };
  }
  return runs;
}

function words({ information, storage, tariff }: KnownField): string {
  const place = [storage === 0 ? "" : `storage ${storage}`, tariff === 0 ? "" : `tariff ${tariff}`];
  return [information.quantity, ...place].filter((word) => word !== "").join(", ");
}
