/** What a master sends with SND_UD: application data from the CI field on. Encoders beside what the slave reads of them. */
import { ci } from "./control-field.js";

/** Subcode of an application reset: which data the next readout shall bring (EN 13757-3). */
export const applicationSelection = {
  all: 0x00,
  userData: 0x10,
  simpleBilling: 0x20,
  enhancedBilling: 0x30,
  multiTariffBilling: 0x40,
  instantaneousValues: 0x50,
  loadManagement: 0x60,
  installation: 0x80,
  testing: 0x90,
  calibration: 0xa0,
  manufacturing: 0xb0,
  development: 0xc0,
  selfTest: 0xd0,
} as const;

/** Application reset; without a subcode the meter's default data follow. @throws RangeError above 255 */
export function applicationReset(subcode?: number): Uint8Array {
  if (subcode === undefined) return Uint8Array.of(ci.applicationReset);
  return Uint8Array.of(ci.applicationReset, byteOf(subcode, 255));
}

/** `51 01 7A aa`. @throws RangeError above 250 */
export function setPrimaryAddress(address: number): Uint8Array {
  return Uint8Array.of(ci.sendData, 0x01, 0x7a, byteOf(address, 250));
}

/** `51 0C 79 <id>`: 8 digits. @throws RangeError on anything else */
export function setIdentification(digits: string): Uint8Array {
  if (!/^\d{8}$/.test(digits)) throw new RangeError(`an identification has 8 digits, not "${digits}"`);
  const bytes = [0, 2, 4, 6].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
  return Uint8Array.of(ci.sendData, 0x0c, 0x79, ...bytes.reverse());
}

/** `51 07 79 <8 bytes>`: identification, manufacturer, version and medium, as on the wire. @throws RangeError unless 8 */
export function setSecondaryAddress(address: Uint8Array): Uint8Array {
  if (address.length !== 8) throw new RangeError(`a secondary address has 8 bytes, not ${address.length}`);
  return Uint8Array.of(ci.sendData, 0x07, 0x79, ...address);
}

/** A moment as the meter's own clock shows it. */
export interface MeterClockTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly summerTime: boolean;
}

/** `51 04 6D <type F>`. @throws RangeError on a date outside 2000 to 2099 or a time of no day */
export function setClock(time: MeterClockTime): Uint8Array {
  const { year, month, day, hour, minute, summerTime } = time;
  const isSound =
    within(year, 2000, 2099) &&
    within(month, 1, 12) &&
    within(day, 1, 31) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59);
  if (!isSound) throw new RangeError("the clock wants a date of 2000 to 2099 and a time of day");
  const inCentury = year - 2000;
  return Uint8Array.of(
    ci.sendData,
    0x04,
    0x6d,
    minute,
    hour | (summerTime ? 0x80 : 0),
    day | ((inCentury & 0x07) << 5),
    month | ((inCentury & 0x78) << 1),
  );
}

/** `51 7F 7E`: every storage, tariff, subunit and function of every quantity, with the next REQ_UD2. */
export function globalReadout(): Uint8Array {
  return Uint8Array.of(ci.sendData, 0x7f, 0x7e);
}

/** Rates in the order of their CI fields, B8 to BF. */
export const linkBaudRates = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400] as const;
const firstBaudCi = 0xb8;

/** CI B8 to BF alone: the meter's E5 still comes at the old rate. @throws RangeError on a rate that M-Bus has not */
export function setBaudRate(baudRate: number): Uint8Array {
  const index = (linkBaudRates as readonly number[]).indexOf(baudRate);
  if (index === -1) throw new RangeError(`M-Bus has no rate of ${baudRate} baud`);
  return Uint8Array.of(firstBaudCi + index);
}

/** What a command asks of the slave. */
export type SlaveCommand =
  | { readonly kind: "applicationReset"; readonly subcode: number | undefined }
  | { readonly kind: "setPrimaryAddress"; readonly address: number }
  | { readonly kind: "setIdentification"; readonly identification: Uint8Array }
  | { readonly kind: "setSecondaryAddress"; readonly address: Uint8Array }
  /** Type F as it came. */
  | { readonly kind: "setClock"; readonly coded: Uint8Array }
  | { readonly kind: "globalReadout" }
  | { readonly kind: "setBaudRate"; readonly baudRate: number };

/** Reads the commands above; undefined for every other SND_UD (which a slave acknowledges all the same). Never throws. */
export function readCommand(applicationData: Uint8Array): SlaveCommand | undefined {
  const [controlInformation = 0, dif, vif, first] = applicationData;
  const baudRate = linkBaudRates[controlInformation - firstBaudCi];
  if (baudRate !== undefined) return { kind: "setBaudRate", baudRate };
  if (controlInformation === ci.applicationReset) return { kind: "applicationReset", subcode: dif };
  if (controlInformation !== ci.sendData) return undefined;
  if (dif === 0x7f) return { kind: "globalReadout" };
  const value = applicationData.slice(3);
  if (dif === 0x01 && vif === 0x7a && first !== undefined && first <= 250) {
    return { kind: "setPrimaryAddress", address: first };
  }
  if (dif === 0x0c && vif === 0x79 && value.length >= 4) {
    return { kind: "setIdentification", identification: value.subarray(0, 4) };
  }
  if (dif === 0x07 && vif === 0x79 && value.length >= 8) {
    return { kind: "setSecondaryAddress", address: value.subarray(0, 8) };
  }
  if (dif === 0x04 && vif === 0x6d && value.length >= 4) return { kind: "setClock", coded: value.subarray(0, 4) };
  return undefined;
}

function byteOf(value: number, most: number): number {
  if (!within(value, 0, most)) throw new RangeError(`${value} is not within 0 to ${most}`);
  return value;
}

function within(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
