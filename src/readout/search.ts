/**
 * Searches one bus: a shell around the search cores. Each try takes the bus anew, so that readouts go on in between;
 * a lost channel costs the try under way, which is repeated.
 */
import {
  type LinkCommandResult,
  type LinkReadout,
  type MeterTarget,
  PrimarySearch,
  type ProbeOutcome,
  type SearchProbe,
  type SecondaryAddress,
  SecondarySearch,
  type SecondarySearchOptions,
  type TelegramSettings,
} from "../mbus/index.js";
import type { Clock } from "../ports/index.js";
import { type BusArbiter, busPriority } from "./arbiter.js";
import type { BusSession } from "./bus-session.js";

export type SearchMode = "secondary" | "primary";

export interface SearchRequest extends SecondarySearchOptions {
  /** In this order; what both find is listed once. */
  readonly modes: readonly SearchMode[];
  /** Default: the rate of the bus. Others need an interface that can change its rate. */
  readonly baudRates?: readonly number[];
  /** Secondary: tries hex digits everywhere, and all once more with the other control field of SELECT. */
  readonly isThorough?: boolean;
  /** Ends as soon as so many meters are found. */
  readonly meterCount?: number;
  /** Primary addresses, both included; default 0 to 250. */
  readonly primaryRange?: { readonly first: number; readonly last: number };
  /** How often a try without answer is repeated; default 0: silence is the normal answer. */
  readonly retries?: number;
  /** Of a selection; default `retries`. */
  readonly selectionRetries?: number;
  /** The bus is kept silent for so long before the first try; default 0. */
  readonly initialisationIdleMs?: number;
  /** Idle before each try; default the 33 bit times of EN 13757-2. */
  readonly requestIdleMs?: number;
  /** Idle after several meters answered at once; default `requestIdleMs`. */
  readonly collisionIdleMs?: number;
  /** How long the first byte of an answer is waited for; default that of the bus. */
  readonly responseTimeoutMs?: number;
}

export interface FoundOnBus {
  readonly busName: string;
  readonly mode: SearchMode;
  readonly baudRate: number;
  /** The A field of its answer. */
  readonly primaryAddress: number;
  /** Undefined where the meter was found by primary address and its answer has no header. */
  readonly secondaryAddress: SecondaryAddress | undefined;
  /** Needed beside the secondary address where another meter has the same. */
  readonly fabricationNumber: Uint8Array | undefined;
  /** Its first telegram, from the CI field on. */
  readonly telegram: Uint8Array;
  readonly isKnown: boolean;
}

export interface SearchProgress {
  readonly busName: string;
  readonly mode: SearchMode;
  readonly baudRate: number;
  readonly probes: number;
  readonly found: readonly FoundOnBus[];
  /** Of the addresses of this mode and rate, 0 to 1. */
  readonly share: number;
  /** An estimate for this mode and rate; undefined before there is anything to go by. */
  readonly remainingMs: number | undefined;
}

export type SearchEnd = "complete" | "enough" | "cancelled" | "noise" | "busUnreachable" | "channelLost";

export interface SearchReport {
  readonly busName: string;
  readonly end: SearchEnd;
  readonly words: string;
  readonly found: readonly FoundOnBus[];
  /** Secondary masks behind which meters could not be told apart. */
  readonly unresolved: readonly SecondaryAddress[];
  /** Primary addresses that several meters have. */
  readonly doubled: readonly number[];
  readonly probes: number;
  readonly durationMs: number;
}

export interface SearchParts {
  readonly busName: string;
  readonly baudRate: number;
  readonly session: BusSession;
  readonly arbiter: BusArbiter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: SearchProgress) => void) | undefined;
}

const endWords: Readonly<Record<SearchEnd, string>> = {
  complete: "All addresses were searched",
  enough: "As many meters as wanted were found",
  cancelled: "The search was ended before it was through",
  noise: "Only broken bytes arrive: check baud rate and wiring",
  busUnreachable: "The interface cannot be opened",
  channelLost: "The connection to the bus was lost again and again",
};
const repeatedWords = "All addresses were searched, twice, for answers were broken: check the wiring";
/** A try is repeated so often over a new channel. */
const mostLosses = 3;

export async function searchBus(parts: SearchParts, request: SearchRequest): Promise<SearchReport> {
  const search = new BusSearch(parts, request);
  return search.run();
}

/** Which of the passes over all addresses. */
interface Passes {
  readonly done: number;
  readonly of: number;
  readonly isRepeated: boolean;
}

class BusSearch {
  private readonly parts: SearchParts;
  private readonly request: SearchRequest;
  private readonly found: FoundOnBus[] = [];
  private readonly unresolved: SecondaryAddress[] = [];
  private readonly doubled: number[] = [];
  private probes = 0;
  private isRepeated = false;
  /** Of a secondary search at one rate; a repetition makes a pass smaller than it seemed: what is told never goes back. */
  private share = 0;
  private selectControl: 0x53 | 0x73 = 0x53;

  constructor(parts: SearchParts, request: SearchRequest) {
    this.parts = parts;
    this.request = request;
  }

  async run(): Promise<SearchReport> {
    const { clock, busName } = this.parts;
    const started = clock.monotonic();
    const end = (await this.keepSilent()) ?? (await this.searchAll());
    const { found, unresolved, doubled, probes, isRepeated } = this;
    const words = end === "complete" && isRepeated ? repeatedWords : endWords[end];
    const durationMs = clock.monotonic() - started;
    return { busName, end, words, found, unresolved, doubled, probes, durationMs };
  }

  /** Meters that count on an idle line find their rest before the first try. @returns why nothing can be searched */
  private async keepSilent(): Promise<SearchEnd | undefined> {
    const { initialisationIdleMs = 0 } = this.request;
    if (initialisationIdleMs === 0) return undefined;
    const { arbiter, clock, signal } = this.parts;
    const lease = await arbiter.acquire({ holder: "search, initialisation", priority: busPriority.search }, signal);
    if (lease === undefined) return "cancelled";
    try {
      await new Promise<void>((resolve) => {
        const done = () => {
          cancel();
          signal.removeEventListener("abort", done);
          resolve();
        };
        const cancel = clock.after(initialisationIdleMs, done);
        signal.addEventListener("abort", done);
        if (signal.aborted) done();
      });
    } finally {
      lease.release();
    }
    return signal.aborted ? "cancelled" : undefined;
  }

  private async searchAll(): Promise<SearchEnd> {
    for (const baudRate of this.request.baudRates ?? [this.parts.baudRate]) {
      for (const mode of this.request.modes) {
        const end = mode === "secondary" ? await this.secondary(baudRate) : await this.primary(baudRate);
        if (end !== "complete") return end;
      }
    }
    return "complete";
  }

  private async secondary(baudRate: number): Promise<SearchEnd> {
    this.share = 0;
    if (this.request.isThorough !== true) return this.surely(baudRate, this.request);
    const controls = [0x53, 0x73] as const;
    for (const [done, control] of controls.entries()) {
      this.selectControl = control;
      const end = await this.surely(baudRate, { ...this.request, hexDigits: "always" }, { done, of: controls.length });
      if (end !== "complete") return end;
    }
    return "complete";
  }

  /** Once more where bytes were broken, past what was found. */
  private async surely(baudRate: number, options: SecondarySearchOptions, passes = { done: 0, of: 1 }) {
    const first = new SecondarySearch(options);
    let end = await this.pass(baudRate, first, { ...passes, isRepeated: false });
    let last = first;
    if (end === "complete" && first.isDamaged) {
      this.isRepeated = true;
      const others = this.found.flatMap(({ isKnown, secondaryAddress }) =>
        isKnown || secondaryAddress === undefined ? [] : [secondaryAddress],
      );
      last = new SecondarySearch({ ...options, known: [...(options.known ?? []), ...others] });
      end = await this.pass(baudRate, last, { ...passes, isRepeated: true });
    }
    this.unresolved.push(...last.unresolved.map((node) => node.mask));
    return end;
  }

  private async pass(baudRate: number, core: SecondarySearch, passes: Passes): Promise<SearchEnd> {
    const started = this.parts.clock.monotonic();
    for (let next = core.next(); next !== undefined; next = core.next()) {
      const isFirst = core.probes === 1;
      let outcome = await this.probe(next, baudRate);
      const isSilent = typeof outcome === "object" && outcome.kind === "silent";
      if (isFirst && isSilent && this.request.isThorough !== true) outcome = await this.other(next, baudRate);
      if (typeof outcome === "string") return outcome;
      const before = core.found.length;
      core.take(outcome);
      for (const meter of core.found.slice(before)) {
        this.keep({ ...meter, busName: this.parts.busName, mode: "secondary", baudRate });
      }
      const elapsed = this.parts.clock.monotonic() - started;
      const { probes, probesLeft } = core;
      const ownMs = probesLeft === undefined ? undefined : (elapsed * probesLeft) / probes;
      const isToRepeat = core.isDamaged && !passes.isRepeated;
      const share = isToRepeat || passes.isRepeated ? (core.share + (passes.isRepeated ? 1 : 0)) / 2 : core.share;
      this.share = Math.max(this.share, (passes.done + share) / passes.of);
      const passesLeft = passes.of - passes.done - (isToRepeat ? 0 : 1);
      const remainingMs = ownMs === undefined ? undefined : ownMs + passesLeft * (elapsed + ownMs);
      this.report("secondary", baudRate, { share: this.share, remainingMs });
      if (this.isEnough()) return "enough";
    }
    return core.isNoisy ? "noise" : "complete";
  }

  /** Nobody heeds a selection with C = 53: perhaps all want 73. */
  private async other(probe: SearchProbe, baudRate: number): Promise<ProbeOutcome | SearchEnd> {
    this.selectControl = 0x73;
    const outcome = await this.probe(probe, baudRate);
    if (typeof outcome === "object" && outcome.kind === "silent") this.selectControl = 0x53;
    return outcome;
  }

  private async primary(baudRate: number): Promise<SearchEnd> {
    const { first = 0, last = 250 } = this.request.primaryRange ?? {};
    const core = new PrimarySearch(first, last);
    const started = this.parts.clock.monotonic();
    for (let next = core.next(); next !== undefined; next = core.next()) {
      const outcome = await this.probe(next, baudRate);
      if (typeof outcome === "string") return outcome;
      const before = core.found.length;
      core.take(outcome);
      for (const meter of core.found.slice(before)) {
        const isKnown = (this.request.known ?? []).some((known) => isSame(known, meter.secondaryAddress));
        const place = { busName: this.parts.busName, mode: "primary", baudRate } as const;
        this.keep({ ...meter, ...place, fabricationNumber: undefined, isKnown });
      }
      const { share } = core;
      const elapsed = this.parts.clock.monotonic() - started;
      this.report("primary", baudRate, { share, remainingMs: share > 0 ? (elapsed * (1 - share)) / share : undefined });
      if (this.isEnough()) return "enough";
    }
    this.doubled.push(...core.doubled);
    return "complete";
  }

  /** One try, with the bus to itself. */
  private async probe({ target, selectOnly }: SearchProbe, baudRate: number): Promise<ProbeOutcome | SearchEnd> {
    const { session, arbiter, signal } = this.parts;
    for (let losses = 0; losses < mostLosses; losses++) {
      const lease = await arbiter.acquire({ holder: "search", priority: busPriority.search }, signal);
      if (lease === undefined || signal.aborted) {
        lease?.release();
        return "cancelled";
      }
      try {
        if ((await session.ensureOpen()) !== undefined) return signal.aborted ? "cancelled" : "busUnreachable";
        if (!(await session.switchBaudRate(baudRate))) return "busUnreachable";
        const settings = this.probeSettings();
        const result = selectOnly
          ? await session.command(target, { kind: "probe" }, settings)
          : await session.readMeter(target, settings);
        this.probes += 1;
        if (!result.ok && result.reason === "stopped") return "cancelled";
        if (!result.ok && result.reason === "channelLost") continue;
        return outcomeOf(result, target);
      } finally {
        lease.release();
      }
    }
    return "channelLost";
  }

  private probeSettings(): TelegramSettings {
    const { retries = 0, selectionRetries = retries, requestIdleMs = 0 } = this.request;
    const { collisionIdleMs = requestIdleMs, responseTimeoutMs } = this.request;
    return {
      multiTelegram: "off",
      selectionRetries,
      readoutRetries: retries,
      requestIdleMs,
      collisionIdleMs,
      ...(responseTimeoutMs === undefined ? {} : { responseTimeoutMs }),
      responseTimeout: "learned",
      selectControl: this.selectControl,
      pingFirst: true,
    };
  }

  /** A meter found by both modes, at two rates or in two passes is listed once. */
  private keep(meter: FoundOnBus): void {
    const { secondaryAddress } = meter;
    const isThere = this.found.some(
      (other) =>
        (other.mode !== meter.mode || other.baudRate !== meter.baudRate || isSameNumber(other, meter)) &&
        secondaryAddress !== undefined &&
        isSame(secondaryAddress, other.secondaryAddress),
    );
    if (!isThere) this.found.push(meter);
  }

  private isEnough(): boolean {
    const { meterCount } = this.request;
    return meterCount !== undefined && this.found.length >= meterCount;
  }

  private report(mode: SearchMode, baudRate: number, how: Pick<SearchProgress, "share" | "remainingMs">): void {
    const { busName } = this.parts;
    this.parts.onProgress?.({ busName, mode, baudRate, probes: this.probes, found: this.found, ...how });
  }
}

/** Of two meters with one address the fabrication numbers differ. */
function isSameNumber({ fabricationNumber: one }: FoundOnBus, { fabricationNumber: other }: FoundOnBus): boolean {
  return one === undefined || other === undefined ? one === other : isSame(one, other);
}

function outcomeOf(result: LinkReadout | LinkCommandResult, target: MeterTarget): ProbeOutcome {
  if (result.ok && !("telegrams" in result)) return alone(target);
  if (result.ok) {
    const [telegram = new Uint8Array(0)] = result.telegrams;
    return {
      kind: "found",
      telegram,
      primaryAddress: result.primaryAddress,
      secondaryAddress: result.secondaryAddress,
    };
  }
  switch (result.reason) {
    case "collision":
    case "noise":
      return { kind: "collision" };
    case "noAnswer":
      // Somebody heeded the selection, and then kept silent: two that disturbed one another.
      return { kind: target.kind === "secondary" ? "collision" : "silent" };
    case "noData":
    case "busy":
    case "applicationError":
      // It is there and alone; what it is, it does not say.
      return alone(target);
    default:
      // Of another meter than the one asked: not behind this mask.
      return { kind: "silent" };
  }
}

function alone(target: MeterTarget): ProbeOutcome {
  const primaryAddress = target.kind === "primary" ? target.address : 0;
  return { kind: "found", telegram: new Uint8Array(0), primaryAddress, secondaryAddress: undefined };
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && one.every((byte, index) => byte === other[index]);
}
