/** data_send of an M-Bus client: records as the COSEM client gave them, as application data of a SND_UD. */
import type { Data, MbusDataElement } from "../../../cosem/index.js";

const sendDataToMeter = 0x51;
const mostBytes = 252;

/** Bytes of the data fields 0 to F of a DIF; undefined: of variable length or none that carries data. */
const integerBytes: Readonly<Record<number, number>> = { 0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 6: 6, 7: 8 };
const bcdBytes: Readonly<Record<number, number>> = { 9: 1, 10: 2, 11: 3, 12: 4, 14: 6 };
const realField = 5;
const variableField = 13;

/** @returns from the CI field on; undefined: a value does not fit its data field, or they are too long together */
export function dataSendOf(records: readonly MbusDataElement[]): Uint8Array | undefined {
  const bytes: number[] = [sendDataToMeter];
  for (const { dataInformationBlock, valueInformationBlock, data } of records) {
    const value = valueBytes((dataInformationBlock[0] ?? 0) & 0x0f, data);
    if (value === undefined) return undefined;
    bytes.push(...dataInformationBlock, ...valueInformationBlock, ...value);
  }
  return bytes.length > mostBytes ? undefined : Uint8Array.from(bytes);
}

function valueBytes(field: number, data: Data): readonly number[] | undefined {
  const length = integerBytes[field] ?? bcdBytes[field] ?? (field === realField ? 4 : undefined);
  // Octets go as they are, least significant first as on the bus.
  if (data.type === "octet-string") {
    if (field === variableField) return data.value.length > 0xbf ? undefined : [data.value.length, ...data.value];
    return data.value.length === length ? [...data.value] : undefined;
  }
  if (data.type === "null-data") return length === 0 ? [] : undefined;
  if (field === realField && data.type === "float32") {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, Number(data.value), true);
    return [...new Uint8Array(view.buffer)];
  }
  if (!("value" in data) || (typeof data.value !== "number" && typeof data.value !== "bigint")) return undefined;
  if (!Number.isInteger(Number(data.value))) return undefined;
  const value = BigInt(data.value);
  if (bcdBytes[field] !== undefined) return bcdOf(value, bcdBytes[field]);
  return integerBytes[field] === undefined ? undefined : integerOf(value, integerBytes[field]);
}

/** Two's complement, least significant octet first. */
function integerOf(value: bigint, length: number): readonly number[] | undefined {
  const half = 1n << BigInt(Math.max(length * 8 - 1, 0));
  if (length === 0 || value >= half || value < -half) return undefined;
  return Array.from({ length }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

/** Two digits an octet, the lowest first. */
function bcdOf(value: bigint, length: number): readonly number[] | undefined {
  const digits = value.toString().padStart(length * 2, "0");
  if (value < 0n || digits.length > length * 2) return undefined;
  return Array.from({ length }, (_, index) => Number.parseInt(digits.slice(-2 * (index + 1)).slice(0, 2), 16));
}
