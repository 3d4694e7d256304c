/**
 * Manufacturer-specific telegrams, CI A0 to B7: their layout is the maker's secret and no DIF/VIF, so they are named
 * and never read as records. Some makers put the A field in another order, or a serial number of their own into it: the
 * link address is then not the number on the meter, which is told beside it.
 *
 * Data, as wmbusmeters tells them apart (drivers izar, compact5, vario451, fhkvdataiii, mkradio3, mkradio4, tsd2): the
 * system that a maker's letters stand for, and Techem's models by device type and version.
 */
import type { WirelessAddress } from "./address.js";

const first = 0xa0;
const last = 0xb7;

const systems: Readonly<Record<string, string>> = {
  APA: "Apator",
  APT: "Apator",
  DME: "Diehl IZAR (PRIOS)",
  HYD: "Diehl IZAR (PRIOS)",
  SAP: "Diehl/Sappel IZAR (PRIOS)",
  QDS: "Qundis",
  TCH: "Techem",
};

interface Model {
  readonly name: string;
  readonly media: readonly number[];
  readonly versions: readonly number[];
}

/** Device types of Techem's own beside those of EN 13757-7: 43 and C3 heat, 62 warm and 72 cold water, 80, F0. */
const techemModels: readonly Model[] = [
  { name: "compact V heat meter", media: [0x04, 0xc3, 0x43], versions: [0x45] },
  { name: "compact V heat meter", media: [0x43], versions: [0x22, 0x39] },
  { name: "vario 4 heat meter", media: [0x04, 0xc3], versions: [0x27] },
  { name: "FHKV data III heat cost allocator", media: [0x80], versions: [0x69, 0x94] },
  { name: "MK radio 3 warm water meter", media: [0x62], versions: [0x74] },
  { name: "MK radio 3 cold water meter", media: [0x72], versions: [0x74] },
  { name: "MK radio 4 warm water meter", media: [0x62], versions: [0x70, 0x95] },
  { name: "MK radio 4 cold water meter", media: [0x72], versions: [0x70, 0x95] },
  { name: "TSD 2 smoke detector", media: [0xf0], versions: [0x76] },
];

/** Where Diehl puts the version and device type first: those that are known to. */
const diehlVersions: Readonly<Record<string, readonly number[]>> = { DME: [0x78], HYD: [0x85, 0x86] };
const waterMeters: readonly number[] = [0x06, 0x07];

export function isProprietary(controlInformation: number): boolean {
  return controlInformation >= first && controlInformation <= last;
}

/** For people: `Techem FHKV data III heat cost allocator, CI a2`, `Diehl IZAR (PRIOS), meter 66236629, CI a2`. */
export function proprietaryName(controlInformation: number, sender: WirelessAddress | undefined): string {
  const letters = sender?.manufacturer ?? "";
  const system = systems[letters] ?? `manufacturer ${letters}`;
  const parts = sender === undefined ? [system] : [`${system}${modelOf(sender)}`, ...numberOnMeter(sender)];
  return [...parts, `CI ${controlInformation.toString(16)}`].join(", ");
}

function modelOf({ manufacturer, medium, version }: WirelessAddress): string {
  if (manufacturer !== "TCH") return "";
  const model = techemModels.find(({ media, versions }) => media.includes(medium) && versions.includes(version));
  return model === undefined ? "" : ` ${model.name}`;
}

/** Nothing where the link address is the number, or the form is not known. */
function numberOnMeter({ manufacturer, octets }: WirelessAddress): readonly string[] {
  if (manufacturer === "SAP") return [`meter ${sappelNumber(octets.subarray(2))}`];
  const [version = 0, type = 0] = octets.subarray(2);
  const isTurned = diehlVersions[manufacturer]?.includes(version) === true && waterMeters.includes(type);
  if (!isTurned) return [];
  const id = [...octets.subarray(4, 8)].reverse().map((octet) => octet.toString(16).padStart(2, "0"));
  return [`meter ${id.join("")}`];
}

/**
 * Sappel's six octets behind the maker's are a serial number: 26 bits of year and number, then three letters of five
 * bits each. Written as on the meter: letter, year, two letters, six digits.
 */
function sappelNumber(octets: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = octets;
  const digits = String(((d & 0x03) << 24) | (c << 16) | (b << 8) | a).padStart(8, "0");
  const letter = (five: number) => String.fromCharCode(0x40 + five);
  const supplier = letter(((f & 0x0f) << 1) | (e >> 7));
  const type = letter((e & 0x7c) >> 2);
  const diameter = letter(((e & 0x03) << 3) | (d >> 5));
  return `${supplier}${digits.slice(0, 2)}${type}${diameter} ${digits.slice(2)}`;
}
