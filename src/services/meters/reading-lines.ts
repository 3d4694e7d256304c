import { cosemDateTimeFromBytes, type Data, formatScaled, nearestDecimal, toHex } from "../../../cosem/index.js";
import { type KindObject, type MeterDevice, storedQualityOf } from "../../mapping/index.js";
import { unpackPayload } from "../../mbus/index.js";
import type { ReadingRow } from "../../ports/index.js";
import type { ReadingCell, ReadingLine } from "./contract.js";

export interface LineQuery {
  readonly afterNumber?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit: number;
}

const maxLines = 1000;

/** Stored readings as people read them, oldest first, at most 1,000; none that is not shown yet. */
export async function readLines(device: MeterDevice, query: LineQuery): Promise<readonly ReadingLine[]> {
  const { own, newest } = device;
  if (own === undefined || newest === undefined) return [];
  const rows = await device.parts.store.readings({
    meterId: device.row.id,
    fromNumber: (query.afterNumber ?? 0) + 1,
    toNumber: newest.number,
    ...(query.fromMs === undefined ? {} : { fromMs: query.fromMs }),
    ...(query.toMs === undefined ? {} : { toMs: query.toMs }),
    limit: Math.min(query.limit, maxLines),
  });
  return rows.map((row) => lineOf(device, own.objects, row));
}

function lineOf(device: MeterDevice, objects: readonly KindObject[], row: ReadingRow): ReadingLine {
  const layout = device.meterKind?.layoutById(row.layoutId);
  const header = layout?.shape.header(row.payload);
  return {
    number: row.number,
    readAtMs: row.readAtMs,
    telegramCount: unpackPayload(row.payload).length,
    accessNumber: header?.accessNumber ?? undefined,
    statusByte: header?.status ?? undefined,
    signature: header?.signature ?? undefined,
    quality: storedQualityOf(row.clockStatus),
    cells: objects.map((object) => layout && cellText(layout.goodValue(row.payload, object.position), object.scaler)),
  };
}

/** Decimal text in the object's unit, exact; undefined where there is no valid value. */
function cellText(value: Data, scaler: number): ReadingCell {
  switch (value.type) {
    case "null-data":
      return undefined;
    case "date-time":
      // A date alone has no time, and the other way round.
      return cosemDateTimeFromBytes(value.value)
        .toString()
        .replace(/^\*{4}-\*\*-\*\*T|T\*\*:\*\*:\*\*$/, "");
    case "octet-string":
      return toHex(value.value);
    case "visible-string":
      return value.value;
    case "array":
    case "structure":
    case "compact-array":
    case "bit-string":
    case "boolean":
    case "date":
    case "time":
    case "dont-care":
    case "utf8-string":
      return undefined;
    case "float32":
      return formatScaled(nearestDecimal(value.value), scaler);
    default:
      return formatScaled(value.value, scaler);
  }
}
