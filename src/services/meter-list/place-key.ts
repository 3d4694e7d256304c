import { isAskedByPrimary, type MeterPlace } from "../../mapping/index.js";

/** Meters with the same key may be one: of one interface, with one primary address or the same 8 digits. */
export function digitsKey(place: MeterPlace): string {
  const { interfaceName, secondaryAddress, primaryAddress, fabricationNumber } = place;
  if (isAskedByPrimary(place)) return `${interfaceName}/primary ${primaryAddress}`;
  return `${interfaceName}/${secondaryAddress?.slice(0, 8).toUpperCase()}/${fabricationNumber ?? ""}`;
}

/** Manufacturer, version and type within 16 hex digits. */
export const addressRanges = [
  [8, 12],
  [12, 14],
  [14, 16],
] as const;

/** The same digits, and nothing known of the one that speaks against the other; one of the two is known less exactly. */
export function isSameMeter(one: MeterPlace, other: MeterPlace): boolean {
  const [a, b] = [one, other].map(({ secondaryAddress }) => (secondaryAddress ?? "").toUpperCase().padEnd(16, "F"));
  if (a === undefined || b === undefined) return false;
  for (const [from, to] of addressRanges) {
    const [first, second] = [a.slice(from, to), b.slice(from, to)];
    if (first !== second && !/^F+$/.test(first) && !/^F+$/.test(second)) return false;
  }
  return true;
}

/** Values by the places of meters, where two places are one if both could be the same meter's. */
export class Places<Value> {
  private readonly byDigits = new Map<string, { readonly place: MeterPlace; readonly value: Value }[]>();

  add(place: MeterPlace, value: Value): void {
    const key = digitsKey(place);
    const alike = this.byDigits.get(key);
    if (alike === undefined) this.byDigits.set(key, [{ place, value }]);
    else alike.push({ place, value });
  }

  find(wanted: MeterPlace): Value | undefined {
    const alike = this.byDigits.get(digitsKey(wanted)) ?? [];
    return alike.find(({ place }) => isAskedByPrimary(wanted) || isSameMeter(place, wanted))?.value;
  }

  /** What was added with this very place. */
  delete(place: MeterPlace): void {
    const key = digitsKey(place);
    const left = (this.byDigits.get(key) ?? []).filter((entry) => entry.place !== place);
    if (left.length === 0) this.byDigits.delete(key);
    else this.byDigits.set(key, left);
  }
}
