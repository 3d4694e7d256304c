/**
 * Which records of a telegram move, and how: by VIF, for the momentary values of the current period (function
 * instantaneous, storage 0). All else stays as the source has it: values at set dates, extremes, texts, flags.
 */
import type { DataRecord, RecordValue } from "../mbus/index.js";
import { hoursCounted, type Motion, mostSwing, swingAt } from "./motion.js";

/** The record's value at a moment; undefined: leave it. */
export type MovementOf = (motion: Motion, atMs: number) => RecordValue | undefined;

/** A quantity in the record's base unit, where the meter's swing (0.4 to 1.6, 1 on average) stands now. */
type Quantity = (motion: Motion, swing: number) => number;

const extensionBit = 0x80;

/** Phase conductor, direction, multiplier: such VIFEs do not change what kind of value it is. */
function isHarmless(vife: number): boolean {
  const code = vife & 0x7f;
  return (code >= 0x70 && code <= 0x77) || code === 0x7d || code === 0x7c || code === 0x3b || code === 0x3a;
}

/** Movement of one record, or undefined where it stands still. */
export function movementOf(record: DataRecord): MovementOf | undefined {
  const isMaximum = record.function === "max";
  if ((record.function !== "inst" && !isMaximum) || record.storage !== 0) return undefined;
  const codes = vifCodes(record.header);
  const [vif, ...vifes] = codes;
  if (vif === undefined) return undefined;
  const table = vif === 0xfb || vif === 0xfd ? vif : 0;
  const code = table === 0 ? vif & 0x7f : (vifes.shift() ?? 0) & 0x7f;
  if (!vifes.every((vife, index) => isHarmless(vife) || isManufacturers(vifes, index))) return undefined;
  const measured = table === 0 ? gaugeOf(record, code) : extendedGaugeOf(table, code);
  if (measured !== undefined) {
    const scaled: Quantity = (motion, swing) => measured(motion, swing) * shareOf(record, code, vifes);
    return isMaximum ? maximum(record, scaled) : gauge(record, scaled);
  }
  if (isMaximum || table !== 0) return undefined;
  if (code === 0x6c || code === 0x6d) return clockMovement(record);
  const counted = counterOf(code);
  return counted === undefined ? undefined : counter(record, counted);
}

/** Powers of one phase, or of another subunit, are a part of the whole; a subunit's keep the sign they have. */
function shareOf(record: DataRecord, code: number, vifes: readonly number[]): number {
  if (code < 0x28 || code > 0x2f || vifes.includes(0x1a)) return 1;
  const isPhase = vifes.includes(0xff) || vifes.includes(0xfc);
  const isNegative = record.subunit > 0 && record.value.kind === "integer" && Number(record.value.value) < 0;
  return (isPhase ? 1 / 3 : 1) * (record.subunit > 0 ? 0.2 : 1) * (isNegative ? -1 : 1);
}

/** FF and what follows it are the manufacturer's: in the sources, the phase. */
function isManufacturers(vifes: readonly number[], index: number): boolean {
  return vifes.slice(0, index + 1).includes(0xff);
}

/** VIF and VIFEs; those of a plain-text VIF stand behind its text and are left out. */
function vifCodes(header: Uint8Array): readonly number[] {
  let offset = 0;
  while (((header[offset] ?? 0) & extensionBit) !== 0) offset += 1;
  const codes = [...header.subarray(offset + 1)];
  const [vif] = codes;
  return vif !== undefined && (vif & 0x7f) === 0x7c ? [vif] : codes;
}

/** Base units counted an hour, at mean rate. */
function counterOf(code: number): ((motion: Motion) => number) | undefined {
  if (code <= 0x07) return (motion) => motion.meanPower;
  if (code <= 0x0f) return (motion) => motion.meanPower * 3600;
  if (code <= 0x17) return (motion) => motion.meanFlow;
  if (code <= 0x1f) return (motion) => motion.meanFlow * 1000;
  if (code === 0x6e) return (motion) => motion.meanAllocation;
  return undefined;
}

function gaugeOf(record: DataRecord, code: number): Quantity | undefined {
  if (code === 0x7c) return record.information.unit.includes("RH") ? humidity : undefined;
  const block = code >> 2;
  switch (block) {
    case 0x28 >> 2:
    case 0x2c >> 2:
      return (motion, swing) => motion.meanPower * swing;
    case 0x38 >> 2:
    case 0x3c >> 2:
      return (motion, swing) => motion.meanFlow * swing;
    case 0x58 >> 2:
      return flowTemperature;
    case 0x5c >> 2:
      return (motion, swing) => flowTemperature(motion, swing) - spread(motion, swing);
    case 0x60 >> 2:
      return spread;
    case 0x64 >> 2:
      return (_motion, swing) => 22.5 + 1.2 * (swing - 1);
    default:
      return undefined;
  }
}

function extendedGaugeOf(table: number, code: number): Quantity | undefined {
  if (table === 0xfb) {
    if (code === 0x1a || code === 0x1b) return humidity;
    return undefined;
  }
  if (code >= 0x40 && code <= 0x4f) return (_motion, swing) => 230 + 4 * (swing - 1);
  if (code >= 0x50 && code <= 0x5f) return (motion, swing) => (motion.meanPower * swing) / 690;
  return undefined;
}

const flowTemperature: Quantity = (motion, swing) => motion.flowTemperature + 3 * (swing - 1);
const humidity: Quantity = (motion, swing) => motion.humidity + 5 * (swing - 1);
/** Power and flow swing together, so what the water loses stays the same. */
const spread: Quantity = (motion) => motion.flowTemperature - motion.returnTemperature;

/** Grows from the value the source has; tariffs share the rate. A tariff or subunit that stands at 0 is not in use. */
function counter(record: DataRecord, unitsAnHour: (motion: Motion) => number): MovementOf | undefined {
  const { value, information, tariff, subunit } = record;
  const share = (tariff === 0 ? 1 : 0.6 / tariff) / (subunit + 1);
  if (value.kind === "float") {
    const base = value.value;
    return (motion, atMs) => ({
      kind: "float",
      value: base + (share * unitsAnHour(motion) * hoursCounted(motion, atMs)) / 10 ** information.exponent,
    });
  }
  if (value.kind !== "integer") return undefined;
  const base = Number(value.value);
  const capacity = capacityOf(record);
  if (base === 0 && (tariff > 0 || subunit > 0)) return undefined;
  return (motion, atMs) => {
    const counted = (share * unitsAnHour(motion) * hoursCounted(motion, atMs)) / 10 ** information.exponent;
    return { kind: "integer", value: (base + Math.floor(counted)) % capacity };
  };
}

const firstBcdField = 0x09;

/** A counter starts again at 0 when it reaches this: ten to its digits, or half its binary range (type B is signed). */
function capacityOf(record: DataRecord): number {
  const bytes = record.endOffset - record.dataOffset;
  return record.dataField >= firstBcdField ? 100 ** bytes : 2 ** (8 * bytes - 1);
}

/** The model's quantity, coded as the record is. Phases stand a little apart. */
function gauge(record: DataRecord, quantity: Quantity): MovementOf | undefined {
  const apartMs = record.subunit * 40_000;
  return coded(record, (motion, atMs) => quantity(motion, swingAt(motion, atMs + apartMs)));
}

/** Never below what the swing reaches, nor below what the source has. */
function maximum(record: DataRecord, quantity: Quantity): MovementOf | undefined {
  const { value, information } = record;
  if (value.kind !== "integer" && value.kind !== "float") return undefined;
  const source = Number(value.value) * 10 ** information.exponent;
  return coded(record, (motion) => Math.max(source, quantity(motion, mostSwing)));
}

function coded(record: DataRecord, measured: (motion: Motion, atMs: number) => number): MovementOf | undefined {
  const { value, information } = record;
  const scale = 10 ** information.exponent;
  if (value.kind === "float") return (motion, atMs) => ({ kind: "float", value: measured(motion, atMs) / scale });
  if (value.kind !== "integer") return undefined;
  const most = capacityOf(record) - 1;
  return (motion, atMs) => ({ kind: "integer", value: Math.min(most, Math.round(measured(motion, atMs) / scale)) });
}

/** Types F, I and G: now, in UTC. */
function clockMovement(record: DataRecord): MovementOf | undefined {
  const { dataField } = record;
  if (dataField === 0x02) return (_motion, atMs) => ({ kind: "date", value: isoAt(atMs).slice(0, 10) });
  const step = dataField === 0x04 ? 60 : dataField === 0x06 ? 1 : undefined;
  if (step === undefined) return undefined;
  return (_motion, atMs) => {
    const stepMs = step * 1000;
    const value = isoAt(Math.floor(atMs / stepMs) * stepMs);
    return { kind: "datetime", value, summerTime: false, timeInvalid: false };
  };
}

/** `YYYY-MM-DDTHH:MM:SS`, UTC. */
function isoAt(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19);
}
