/** Writes a value over a record's coded bytes, in the coding the record has. */
import type { DataRecord, RecordValue } from "../mbus/index.js";

/**
 * Overwrites the value of `record` in `bytes` (the telegram it was decoded from); length and coding stay.
 * @throws RangeError when the value does not fit the coding
 */
export function encodeRecordValue(record: DataRecord, value: RecordValue, bytes: Uint8Array): void {
  const place = bytes.subarray(record.dataOffset, record.endOffset);
  const { dataField } = record;
  if (value.kind === "date") place.set(dateG(value.value));
  else if (value.kind === "datetime") place.set(dateTime(value.value, place.length, value.summerTime));
  else if (value.kind !== "integer" && value.kind !== "float") throw new RangeError(`a ${value.kind} is not written`);
  else if (dataField === 0x05) new DataView(place.buffer, place.byteOffset).setFloat32(0, Number(value.value), true);
  else if (dataField >= 0x09 && dataField !== 0x0d) writeBcd(place, BigInt(value.value));
  else writeInteger(place, BigInt(value.value));
}

function writeInteger(place: Uint8Array, value: bigint): void {
  const bits = BigInt(place.length * 8);
  if (BigInt.asIntN(Number(bits), value) !== value && BigInt.asUintN(Number(bits), value) !== value) {
    throw new RangeError(`${value} does not fit ${place.length} bytes`);
  }
  let rest = BigInt.asUintN(Number(bits), value);
  for (let index = 0; index < place.length; index++, rest >>= 8n) place[index] = Number(rest & 0xffn);
}

/** Digits least significant first; F in the top digit says minus. */
function writeBcd(place: Uint8Array, value: bigint): void {
  const digits = (value < 0n ? -value : value).toString();
  const room = place.length * 2 - (value < 0n ? 1 : 0);
  if (digits.length > room) throw new RangeError(`${value} does not fit ${place.length * 2} digits`);
  const text = value < 0n ? `f${digits.padStart(room, "0")}` : digits.padStart(room, "0");
  for (let index = 0; index < place.length; index++) {
    const end = text.length - index * 2;
    place[index] = Number.parseInt(text.slice(end - 2, end), 16);
  }
}

/** Type G: day and year's low bits, month and year's high bits. */
function dateG(text: string): readonly number[] {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const short = year % 100;
  return [day | ((short & 0x07) << 5), month | ((short & 0x78) << 1)];
}

/** Types F (4 bytes; hundred-year bits 0: years to 2080) and I (6 bytes). */
function dateTime(text: string, length: number, summerTime: boolean): readonly number[] {
  const [hour = 0, minute = 0, second = 0] = text.slice(11).split(":").map(Number);
  const date = dateG(text.slice(0, 10));
  if (length === 4) return [minute, hour | (summerTime ? 0x80 : 0), ...date];
  return [second | (summerTime ? 0x40 : 0), minute, hour, ...date, 0];
}
