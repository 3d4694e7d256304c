/** Meters that were taken off the list: they keep SAP, name and, where it was asked for, history, and get them back. */
import type { MeterRow } from "../ports/index.js";
import type { LayoutUse } from "./own-objects.js";

export interface RetiredMeter {
  readonly row: MeterRow;
  /** Layouts of the history that was kept. */
  readonly uses: readonly LayoutUse[];
}

export interface MeterPlace {
  readonly interfaceName: string;
  readonly secondaryAddress?: string | undefined;
  readonly primaryAddress?: number | undefined;
  readonly fabricationNumber?: string | undefined;
  readonly addressingMode?: MeterRow["addressingMode"];
}

/** Whether a meter is asked by its primary address; without a mode, by the address it has. */
export function isAskedByPrimary({ addressingMode, primaryAddress }: MeterPlace): boolean {
  return primaryAddress !== undefined && (addressingMode ?? "primary") === "primary";
}

/** Where a meter hangs and how it is addressed there: two meters of the list never have the same. */
export function placeKeyOf(place: MeterPlace): string {
  const secondary = place.secondaryAddress?.toUpperCase().replace(/F{8}$/, "") ?? "";
  const address = isAskedByPrimary(place) ? `primary ${place.primaryAddress} ${secondary}` : secondary;
  return `${place.interfaceName}/${address}/${place.fabricationNumber ?? ""}`;
}

export class RetiredMeters {
  private readonly byId = new Map<number, RetiredMeter>();
  private readonly idByPlace = new Map<string, number>();
  /** By secondary address where that is whole: the meter may have moved to another bus. */
  private readonly idByAddress = new Map<string, number>();
  private readonly names = new Set<string>();

  add(meter: RetiredMeter): void {
    const { id, logicalDeviceName } = meter.row;
    this.byId.set(id, meter);
    this.idByPlace.set(placeKeyOf(meter.row), id);
    const address = wholeAddressOf(meter.row);
    if (address !== undefined) this.idByAddress.set(address, id);
    if (logicalDeviceName !== undefined) this.names.add(logicalDeviceName);
  }

  noteUses(meterId: number, uses: readonly LayoutUse[]): void {
    const meter = this.byId.get(meterId);
    if (meter !== undefined) this.byId.set(meterId, { ...meter, uses });
  }

  hasName(name: string): boolean {
    return this.names.has(name);
  }

  /** The retired meter that this one is; it is retired no longer. */
  take(place: MeterPlace): RetiredMeter | undefined {
    const address = wholeAddressOf(place);
    const id = this.idByPlace.get(placeKeyOf(place)) ?? (address && this.idByAddress.get(address));
    const meter = id === undefined ? undefined : this.byId.get(Number(id));
    if (meter === undefined) return undefined;
    const { row } = meter;
    this.byId.delete(row.id);
    this.idByPlace.delete(placeKeyOf(row));
    const known = wholeAddressOf(row);
    if (known !== undefined) this.idByAddress.delete(known);
    if (row.logicalDeviceName !== undefined) this.names.delete(row.logicalDeviceName);
    return meter;
  }

  rows(): readonly MeterRow[] {
    return [...this.byId.values()].map(({ row }) => row);
  }
}

function wholeAddressOf({ secondaryAddress, fabricationNumber }: MeterPlace): string | undefined {
  if (secondaryAddress === undefined || !/^\d{8}[\dA-F]{8}$/i.test(secondaryAddress)) return undefined;
  const address = secondaryAddress.toUpperCase();
  const hasWildcard = /^FFFF|FF$|FF..$/.test(address.slice(8));
  return hasWildcard ? undefined : `${address}/${fabricationNumber ?? ""}`;
}
