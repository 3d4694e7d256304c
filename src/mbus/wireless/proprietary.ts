/**
 * Manufacturer-specific telegrams, CI A0 to B7: their layout is the maker's secret and no DIF/VIF, so they are named
 * and never read as records. Some makers put the A field in another order too: their link address need not be the
 * number on the meter.
 *
 * Data: which system a maker's letters stand for, as wmbusmeters tells them apart.
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

export function isProprietary(controlInformation: number): boolean {
  return controlInformation >= first && controlInformation <= last;
}

/** For people: `Techem, CI a2`. */
export function proprietaryName(controlInformation: number, sender: WirelessAddress | undefined): string {
  const letters = sender?.manufacturer ?? "";
  const system = systems[letters] ?? `manufacturer ${letters}`;
  return `${system}, CI ${controlInformation.toString(16)}`;
}
