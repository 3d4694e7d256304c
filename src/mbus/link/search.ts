/**
 * Searches a bus for meters by their secondary addresses, without I/O: `next()` names the selection to try, `take()` is
 * told what came of it. How it works:
 * - silence ends a branch; one answer that can be read and names its meter ends it too, however many digits are open;
 *   where it does not say who it is, the digits are fixed one by one as after a collision;
 * - several meters of one kind can answer so much in step that the bits laid over one another look like a sound frame of
 *   a meter that does not exist: an address found under open digits is selected once more, as a whole (where the phantom
 *   is one of the meters itself the others behind that mask are missed: one meter in 2,400 in the simulation);
 * - several answers at once: one digit more is fixed, 0 to 9, and A to E where the decimal digits do not account for
 *   two meters at least;
 * - where ids known beforehand show that two meters or more are behind a mask, it is not tried, and a whole id that is
 *   known neither;
 * - meters of one id are told apart by fabrication number (enhanced selection), then by medium, version, manufacturer;
 * - what cannot be told apart is listed as unresolved; a line that only brings noise ends the search;
 * - on a line that breaks bytes now and then a selection may have been lost: `isDamaged` says that another search is wanted.
 * @see EN 13757-3, selection by secondary address
 */
import type { MeterTarget } from "./readout-outcome.js";
import {
  everything,
  fabricationNumberIn,
  isOpenDigit,
  names,
  narrowed,
  type SearchNode,
  type Split,
  targetOf,
} from "./search-mask.js";
import type { SecondaryAddress } from "./secondary-address.js";

/** What came of one selection and request. */
export type ProbeOutcome =
  | { readonly kind: "silent" }
  /** Several meters answered at once, or the one answer was broken. */
  | { readonly kind: "collision" }
  | {
      readonly kind: "found";
      readonly primaryAddress: number;
      /** From the answer's header; undefined where it has none. */
      readonly secondaryAddress: SecondaryAddress | undefined;
      /** Application data from the CI field on. */
      readonly telegram: Uint8Array;
    };

/** One try. `selectOnly`: is there somebody at all? No data are asked for; an acknowledgement counts as found. */
export interface SearchProbe {
  readonly target: MeterTarget;
  readonly selectOnly: boolean;
}

export interface FoundMeter {
  /** What selects it: its address as the answer's header says, else the mask it was found under. */
  readonly secondaryAddress: SecondaryAddress;
  /** Set where another meter has the same address: with it the selection is unique. */
  readonly fabricationNumber: Uint8Array | undefined;
  readonly primaryAddress: number;
  readonly telegram: Uint8Array;
  /** It was among the ids known beforehand. */
  readonly isKnown: boolean;
}

export interface SecondarySearchOptions {
  /** Meters known to be on this bus. */
  readonly known?: readonly SecondaryAddress[];
  /** Ids given one after the other differ in their low digits. Default `highFirst`. */
  readonly digitOrder?: "highFirst" | "lowFirst";
  /** Digits A to E: where decimal ones do not account for a collision (default), always, or never. */
  readonly hexDigits?: "whenNeeded" | "always" | "never";
  /** Only meters under this mask; default all. */
  readonly within?: SecondaryAddress;
}

type Found = Extract<ProbeOutcome, { kind: "found" }>;

/** A node whose meters collided, and the children still to try. */
interface Branch {
  readonly node: SearchNode;
  readonly split: Split;
  /** Other ways to tell its meters apart, if this one does not. */
  readonly alternatives: readonly Split[];
  readonly values: number[];
  readonly size: number;
  hexTried: boolean;
  /** Meters known to be below, as far as the children tried tell. */
  metersBelow: number;
  /** Selections made before the value that is being tried; undefined before the first. */
  valueFrom: number | undefined;
  /** Opened for what came back, which two meters at least or a broken byte can give. */
  readonly hasCollided: boolean;
}

const decimalDigits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const hexDigits = [10, 11, 12, 13, 14];
const byteSplits: readonly Split[] = [7, 6, 4, 5].map((index) => ({ kind: "byte", index }));
/** A path through all splits is 20 long: more collisions than this in a row are noise. */
const mostCollisionsInARow = 64;

export class SecondarySearch {
  private readonly options: SecondarySearchOptions;
  private readonly branches: Branch[] = [];
  private probing: SearchNode | undefined;
  private start: SearchNode | undefined;
  /** Found under open digits, to be selected once more. */
  private confirming: (Found & { readonly secondaryAddress: SecondaryAddress }) | undefined;
  private collisionsInARow = 0;
  /** Digits added on the way make a part smaller than it seemed: what is told never goes back. */
  private shareSoFar = 0;
  /** By number of branches above: selections that each value that is through took with all below it, ascending. */
  private readonly costs: number[][] = [];
  readonly found: FoundMeter[] = [];
  /** Masks behind which meters are that could not be told apart. */
  readonly unresolved: SearchNode[] = [];
  /** Nothing but noise came. */
  isNoisy = false;
  /** Behind a collision no two meters were found: bytes break on this line, and silence may have been a broken selection. */
  isDamaged = false;
  /** Selections tried. */
  probes = 0;

  constructor(options: SecondarySearchOptions = {}) {
    this.options = options;
    this.start = options.within === undefined ? everything() : { ...everything(), mask: options.within };
  }

  /** The next selection to try; undefined when the search is at its end. Call `take()` with what came of it. */
  next(): SearchProbe | undefined {
    if (this.confirming !== undefined) {
      this.probes += 1;
      return { target: { kind: "secondary", mask: this.confirming.secondaryAddress }, selectOnly: true };
    }
    const target = this.nextTarget();
    return target === undefined ? undefined : { target, selectOnly: false };
  }

  private nextTarget(): MeterTarget | undefined {
    if (this.start !== undefined) {
      const node = this.start;
      this.start = undefined;
      const target = this.try(node);
      if (target !== undefined) return target;
    }
    for (let branch = this.branches.at(-1); branch !== undefined; branch = this.branches.at(-1)) {
      this.endValue(branch);
      const value = branch.values.shift();
      branch.valueFrom = value === undefined ? undefined : this.probes;
      if (value === undefined) {
        this.close(branch);
        continue;
      }
      const target = this.try(narrowed(branch.node, branch.split, value));
      if (target !== undefined) return target;
    }
    return undefined;
  }

  take(outcome: ProbeOutcome): void {
    const node = this.probing;
    if (node === undefined) return;
    const { confirming } = this;
    this.confirming = undefined;
    if (confirming !== undefined) {
      this.probing = undefined;
      if (outcome.kind === "found") this.keep(node, confirming);
      else this.divide(node, true);
      return;
    }
    if (outcome.kind === "found" && outcome.secondaryAddress !== undefined && !isWholeId(node)) {
      const { secondaryAddress } = outcome;
      this.confirming = { ...outcome, secondaryAddress };
      return;
    }
    this.probing = undefined;
    this.collisionsInARow = outcome.kind === "collision" ? this.collisionsInARow + 1 : 0;
    // Its answer does not say who it is: digit by digit its number comes out, so that nothing is listed by a mask.
    if (outcome.kind === "found" && !isWholeId(node)) this.divide(node, false);
    else if (outcome.kind === "found") this.keep(node, outcome);
    if (outcome.kind === "collision") this.divide(node, true);
    if (this.collisionsInARow <= mostCollisionsInARow) return;
    this.isNoisy = true;
    this.branches.length = 0;
  }

  /** Which part of all addresses is searched, 0 to 1. */
  get share(): number {
    let share = 0;
    let weight = 1;
    for (const branch of this.branches) {
      const tried = branch.size - branch.values.length - 1;
      share += (weight * Math.max(0, tried)) / branch.size;
      weight /= branch.size;
    }
    const isRunning = this.branches.length > 0 || this.start !== undefined || this.probing !== undefined;
    this.shareSoFar = Math.max(this.shareSoFar, isRunning ? share : 1);
    return this.shareSoFar;
  }

  /**
   * Selections still to come, if values cost what most of their place did so far; undefined before one of the first
   * digit is through. Ids given one after the other are all behind one value: what it cost says nothing of the others.
   */
  get probesLeft(): number | undefined {
    if (this.branches.length > 0 && this.costs[0] === undefined) return undefined;
    let left = 0;
    for (const [depth, { values }] of this.branches.entries()) {
      const costs = this.costs[depth] ?? [];
      const ofMost = costs.length < 2 ? undefined : costs[Math.floor((costs.length - 1) / 2)];
      left += values.length * (ofMost ?? 1);
    }
    return left;
  }

  private endValue(branch: Branch): void {
    if (branch.valueFrom === undefined) return;
    const depth = this.branches.length - 1;
    this.costs[depth] ??= [];
    this.costs[depth].push(this.probes - branch.valueFrom);
    this.costs[depth].sort((one, other) => one - other);
  }

  /** The target for a node, unless what is known makes trying it needless. */
  private try(node: SearchNode): MeterTarget | undefined {
    const known = this.knownBehind(node);
    if (node.fabricationNumber === undefined && known.length > 1) {
      this.divide(node, false);
      return undefined;
    }
    if (known.length === 1 && isWholeId(node)) {
      this.count(1);
      return undefined;
    }
    this.probing = node;
    this.probes += 1;
    return targetOf(node);
  }

  private knownBehind(node: SearchNode): readonly SecondaryAddress[] {
    return (this.options.known ?? []).filter((address) => names(node, address));
  }

  private keep(node: SearchNode, outcome: Found): void {
    const { primaryAddress, telegram } = outcome;
    this.count(1);
    const secondaryAddress = outcome.secondaryAddress ?? node.mask;
    const mask = node.fabricationNumber;
    const named = mask === undefined ? undefined : fabricationNumberIn(telegram, mask);
    if (mask !== undefined && named === undefined) {
      // Nothing proves that it heeded the number: a readout by it would refuse the answer too.
      this.leaveOpen({ mask: secondaryAddress, fabricationNumber: undefined });
      return;
    }
    const fabricationNumber = named;
    const same = this.found.some(
      (meter) =>
        isSame(meter.secondaryAddress, secondaryAddress) &&
        (fabricationNumber === undefined ||
          // Found alone under a wider mask: then it is the same meter.
          meter.fabricationNumber === undefined ||
          isSame(meter.fabricationNumber, fabricationNumber)),
    );
    if (same) return;
    const isKnown = (this.options.known ?? []).some((known) => isSame(known, secondaryAddress));
    this.found.push({ secondaryAddress, fabricationNumber, primaryAddress, telegram, isKnown });
  }

  private leaveOpen(node: SearchNode): void {
    if (!this.unresolved.some(({ mask }) => isSame(mask, node.mask))) this.unresolved.push(node);
  }

  private count(meters: number): void {
    const branch = this.branches.at(-1);
    if (branch === undefined) return;
    branch.metersBelow += meters;
    // Bytes have 255 values: two meters were heard, two are accounted for.
    if (branch.split.kind === "byte" && branch.metersBelow >= 2) branch.values.length = 0;
  }

  private divide(node: SearchNode, hasCollided: boolean): void {
    const [split, ...alternatives] = this.splitsOf(node);
    if (split === undefined) {
      this.unresolved.push(node);
      this.count(2);
      return;
    }
    this.branches.push(this.branch({ node, split, alternatives, hasCollided }));
  }

  private branch(parts: Pick<Branch, "node" | "split" | "alternatives" | "hasCollided">): Branch {
    const values = this.valuesOf(parts.split);
    return {
      ...parts,
      values,
      size: values.length,
      hexTried: values.length > 10,
      metersBelow: 0,
      valueFrom: undefined,
    };
  }

  /** How a node's meters can be told apart: the first way that is open, and others to fall back on. */
  private splitsOf(node: SearchNode): readonly Split[] {
    const positions = [0, 1, 2, 3, 4, 5, 6, 7];
    if (this.options.digitOrder === "lowFirst") positions.reverse();
    const digit = positions.find((position) => isOpenDigit(node.mask, position));
    if (digit !== undefined) return [{ kind: "digit", position: digit }];
    const bytes = byteSplits.filter((split) => split.kind === "byte" && node.mask[split.index] === 0xff);
    const number = node.fabricationNumber ?? new Uint8Array(4).fill(0xff);
    const fabrication = [7, 6, 5, 4, 3, 2, 1, 0].find((position) => isOpenDigit(number, position));
    // Once bytes of the address are being fixed, the fabrication number did not help: it is not tried again.
    const isByBytes = bytes.length < byteSplits.length && this.branches.some((branch) => branch.split.kind === "byte");
    if (fabrication === undefined || isByBytes) return bytes.slice(0, 1);
    const byNumber: Split = { kind: "fabricationDigit", position: fabrication };
    return node.fabricationNumber === undefined ? [byNumber, ...bytes.slice(0, 1)] : [byNumber];
  }

  private valuesOf(split: Split): number[] {
    if (split.kind !== "byte") {
      const isAll = split.kind === "digit" && this.options.hexDigits === "always";
      return isAll ? [...decimalDigits, ...hexDigits] : [...decimalDigits];
    }
    // What is on this bus already is the likeliest.
    const { found } = this;
    const heard = [...found.map((meter) => meter.secondaryAddress), ...(this.options.known ?? [])];
    const likely = new Set(heard.map((address) => address[split.index] ?? 0xff).filter((value) => value !== 0xff));
    return [...new Set([...likely, ...Array.from({ length: 255 }, (_, value) => value)])];
  }

  /** All children are tried. */
  private close(branch: Branch): void {
    const isDigit = branch.split.kind !== "byte";
    if (isDigit && !branch.hexTried && branch.metersBelow < 2 && this.options.hexDigits !== "never") {
      branch.hexTried = true;
      branch.values.push(...hexDigits);
      return;
    }
    this.branches.pop();
    const [split, ...alternatives] = branch.alternatives;
    if (branch.metersBelow < 2 && split !== undefined) {
      this.branches.push(this.branch({ ...branch, split, alternatives }));
      return;
    }
    if (branch.metersBelow < 2 && branch.hasCollided) this.isDamaged = true;
    if (branch.metersBelow === 0) this.unresolved.push(branch.node);
    // A collision was heard here: two meters at least, whatever became of them.
    this.count(Math.max(branch.metersBelow, 1));
  }
}

function isWholeId(node: SearchNode): boolean {
  return [0, 1, 2, 3, 4, 5, 6, 7].every((position) => !isOpenDigit(node.mask, position));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
