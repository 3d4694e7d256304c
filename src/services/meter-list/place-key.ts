import { isAskedByPrimary, type MeterPlace } from "../../mapping/index.js";

/** Meters with the same key may be one: of one interface, with one primary address or the same 8 digits. */
export function digitsKey(place: MeterPlace): string {
  const { interfaceName, secondaryAddress, primaryAddress, fabricationNumber } = place;
  if (isAskedByPrimary(place)) return `${interfaceName}/primary ${primaryAddress}`;
  return `${interfaceName}/${secondaryAddress?.slice(0, 8).toUpperCase()}/${fabricationNumber ?? ""}`;
}
