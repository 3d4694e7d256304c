/** Searches a bus by primary addresses, one after the other. The same shape as SecondarySearch, without a tree. */
import type { ProbeOutcome, SearchProbe } from "./search.js";
import type { SecondaryAddress } from "./secondary-address.js";

export interface FoundAtPrimary {
  readonly primaryAddress: number;
  readonly secondaryAddress: SecondaryAddress | undefined;
  readonly telegram: Uint8Array;
}

export class PrimarySearch {
  private readonly first: number;
  private readonly last: number;
  private address: number;
  readonly found: FoundAtPrimary[] = [];
  /** Addresses at which several meters answered. */
  readonly doubled: number[] = [];
  probes = 0;

  /** Both addresses included, 0 to 250. */
  constructor(first = 0, last = 250) {
    this.first = first;
    this.last = Math.min(250, last);
    this.address = first - 1;
  }

  next(): SearchProbe | undefined {
    if (this.address >= this.last) return undefined;
    this.address += 1;
    this.probes += 1;
    return { target: { kind: "primary", address: this.address }, selectOnly: false };
  }

  take(outcome: ProbeOutcome): void {
    if (outcome.kind === "collision") this.doubled.push(this.address);
    if (outcome.kind !== "found") return;
    const { secondaryAddress, telegram } = outcome;
    this.found.push({ primaryAddress: this.address, secondaryAddress, telegram });
  }

  get share(): number {
    return this.address >= this.last ? 1 : Math.max(0, this.address - this.first) / (this.last - this.first + 1);
  }
}
