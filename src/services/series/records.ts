/** The series of records: readings of one object of one meter, from the store in pages. */
import type { Data, LogicalDevice, Registry } from "../../../cosem/index.js";
import { nearestDecimal, parseAddress } from "../../../cosem/index.js";
import { type KindObject, MeterDevice, storedQualityOf } from "../../mapping/index.js";
import type { ObjectDescription } from "../meters/contract.js";
import { describeObjects } from "../meters/object-description.js";
import { Decimal } from "./decimal.js";
import type { Point, Range } from "./points.js";

export interface RecordSeries {
  readonly device: MeterDevice;
  readonly object: KindObject;
  readonly description: ObjectDescription;
}

const registers: ReadonlySet<number> = new Set([3, 4]);
const pageSize = 1000;

/** Records that hold a number, of one device. */
export function recordsOf(device: LogicalDevice): readonly RecordSeries[] {
  if (!(device instanceof MeterDevice)) return [];
  const descriptions = describeObjects(device);
  return (device.own?.objects ?? []).flatMap((object, index) => {
    const description = descriptions[index];
    return description === undefined || !registers.has(object.classId) ? [] : [{ device, object, description }];
  });
}

/** By `<device>/<OBIS>`, with or without `/2` and class; undefined: no such record, or it holds no number. */
export function findRecord(registry: Pick<Registry, "device">, id: string): RecordSeries | undefined {
  const address = parseAddress(/\/2$/.test(id) ? id : `${id}/2`);
  if (address === undefined || address.attributeIndex !== 2) return undefined;
  const device = registry.device(address.device);
  if (device === undefined) return undefined;
  return recordsOf(device).find(
    ({ object }) =>
      object.logicalName === address.logicalName &&
      (address.classId === undefined || address.classId === object.classId),
  );
}

export function recordId({ device, object }: RecordSeries): string {
  return `${device.name}/${object.logicalName}/2`;
}

/** Every stored reading in which the record has a valid value, oldest first; none that is not shown yet. */
export async function* recordPoints({ device, object }: RecordSeries, { fromMs, toMs }: Range): AsyncGenerator<Point> {
  const { newest, meterKind, parts, row } = device;
  if (newest === undefined) return;
  for (let fromNumber = 1; ; ) {
    const query = { meterId: row.id, fromNumber, toNumber: newest.number, fromMs, toMs, limit: pageSize };
    const page = await parts.store.readings(query);
    for (const { readAtMs, layoutId, payload, clockStatus } of page) {
      const value = decimalOf(meterKind?.layoutById(layoutId)?.goodValue(payload, object.position), object.scaler);
      if (value !== undefined) yield { atMs: readAtMs, value, quality: storedQualityOf(clockStatus) };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    fromNumber = last.number + 1;
  }
}

export function decimalOf(data: Data | undefined, scaler: number): Decimal | undefined {
  switch (data?.type) {
    case "integer":
    case "long":
    case "double-long":
    case "unsigned":
    case "long-unsigned":
    case "double-long-unsigned":
    case "long64":
    case "long64-unsigned":
      return new Decimal(`${data.value}e${scaler}`);
    case "float32":
      return Number.isFinite(data.value)
        ? new Decimal(`${nearestDecimal(data.value)}`).times(new Decimal(`1e${scaler}`))
        : undefined;
    default:
      return undefined;
  }
}
