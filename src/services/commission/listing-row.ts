import type { MeterListing } from "../meter-list/index.js";
import type { Cell } from "../tables/index.js";

export const listingTitles: readonly string[] = [
  "Meter",
  "SAP",
  "Position",
  "Secondary address",
  "Manufacturer",
  "Version",
  "Type",
  "Type in words",
  "Primary address",
  "Baud rate",
  "Addressing mode",
  "Interface",
  "Receiver",
  "Signal dBm",
  "State",
  "Encryption key",
];

const keyWords = { settings: "settings file", linked: "linked", match: "match", noMatch: "No match" } as const;

export function rowOfListing(meter: MeterListing): readonly Cell[] {
  return [
    meter.device,
    meter.sap,
    meter.position,
    meter.secondaryAddress ?? "",
    meter.manufacturer ?? "",
    meter.version ?? "",
    meter.type ?? "",
    meter.typeName ?? "",
    meter.primaryAddress ?? "",
    meter.baudRate ?? "",
    meter.addressingMode,
    meter.interfaceName,
    meter.receiver ?? "",
    meter.optionalReceivers[0]?.rssiDbm ?? "",
    meter.state,
    keyWords[meter.key.kind],
  ];
}
