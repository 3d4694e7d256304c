/**
 * One search over several interfaces: buses side by side, the modes of a bus in order; every meter is installed as it is
 * found and read when its bus is through. Ended early, what was found stays on the list.
 */
import { isAskedByPrimary, type MeterDevice } from "../../mapping/index.js";
import { formatSecondaryAddress, parseSecondaryAddress, type SecondaryAddress } from "../../mbus/index.js";
import type { Clock, Logger, Reception } from "../../ports/index.js";
import type { KnownInterface, MeterDraft, MeterList } from "../meter-list/index.js";
import type { FoundMeter, InterfaceSearch, MeterSearchRequest, SearchModeName, SearchStatus } from "./contract.js";

type WiredMode = "secondary" | "primary";

/** A meter as the bus search finds it. */
export interface FoundOnLine {
  readonly mode: WiredMode;
  readonly baudRate: number;
  readonly primaryAddress: number;
  readonly secondaryAddress: SecondaryAddress | undefined;
  readonly fabricationNumber: Uint8Array | undefined;
}

/** How a bus is asked while it is searched; what is left out is as the search of buses has it. */
export interface SearchPace {
  readonly initialisationIdleMs?: number;
  readonly retries?: number;
  readonly selectionRetries?: number;
  readonly requestIdleMs?: number;
  readonly collisionIdleMs?: number;
  readonly responseTimeoutMs?: number;
}

/** The readout's search of one bus, as far as it is needed here. */
export interface BusSearcher {
  search(
    busName: string,
    request: {
      readonly modes: readonly WiredMode[];
      readonly baudRates?: readonly number[];
      readonly known?: readonly SecondaryAddress[];
      readonly primaryRange?: { readonly first: number; readonly last: number };
    } & SearchPace,
    control: { readonly signal?: AbortSignal; readonly onProgress?: (progress: BusProgress) => void },
  ): Promise<BusReport | undefined>;
}

export interface BusProgress {
  readonly mode: WiredMode;
  readonly baudRate: number;
  readonly probes: number;
  readonly found: readonly FoundOnLine[];
  readonly share: number;
  /** An estimate for this mode and rate; undefined before there is anything to go by. */
  readonly remainingMs: number | undefined;
}

export interface BusReport {
  readonly words: string;
  readonly found: readonly FoundOnLine[];
  readonly unresolved: readonly SecondaryAddress[];
  readonly doubled: readonly number[];
  readonly probes: number;
}

export interface MeterSearchParts {
  readonly list: MeterList;
  readonly buses: BusSearcher;
  /** Everything heard by radio, by group. */
  receptions(): readonly { readonly group: string; readonly reception: Reception }[];
  /** What a request leaves open. */
  readonly pace: SearchPace;
  /** Beside the rate of a bus, where its line can be switched to it and a request names none. */
  readonly baudRate: number | undefined;
  /** Reads one meter now; the reading is kept as any other. */
  readOne(meterId: number): Promise<{ readonly ok: boolean; readonly words?: string } | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const maxListed = 1000;
const listenStepMs = 1000;

/** Its numbers change while it runs. */
type Part = { -readonly [Key in keyof InterfaceSearch]: InterfaceSearch[Key] } & {
  readonly place: KnownInterface;
  readonly modes: readonly SearchModeName[];
  /** Ids of meters to be read. */
  readonly toRead: { meterId: number; index: number }[];
  /** An estimate for all modes and rates; undefined before there is anything to go by. */
  leftMs: number | undefined;
};

export class MeterSearch {
  private readonly parts: MeterSearchParts;
  private readonly request: MeterSearchRequest;
  private readonly running: Part[];
  /** Meters of the list that were met, by mode and key. */
  private readonly met = new Set<string>();
  private readonly found: (Omit<FoundMeter, "device"> & { readonly meterId: number | undefined })[] = [];
  private readonly unresolved: string[] = [];
  private readonly enough = new AbortController();
  private readonly startedAtMs: number;
  private foundCount = 0;
  private cleared = 0;
  private endedAtMs: number | undefined;
  private message: string | undefined;

  constructor(parts: MeterSearchParts, request: MeterSearchRequest) {
    this.parts = parts;
    this.request = request;
    this.startedAtMs = parts.clock.now();
    this.running = partsOf(parts.list.interfaces, request);
  }

  /** What is wrong with a request, in words. */
  static problemOf(request: MeterSearchRequest, interfaces: readonly KnownInterface[]): string | undefined {
    for (const name of request.interfaces ?? []) {
      if (!interfaces.some((known) => known.name === name)) {
        return `there is no interface "${name}"; known: ${interfaces.map((known) => known.name).join(", ")}`;
      }
    }
    const { firstPrimary = 0, lastPrimary = 250 } = request;
    if (firstPrimary > lastPrimary)
      return `primary addresses ${firstPrimary} to ${lastPrimary}: the first is above the last`;
    if (partsOf(interfaces, request).length > 0) return undefined;
    return "none of these interfaces can be searched in these modes: wireless is for groups of receivers, the others for buses";
  }

  async run(signal: AbortSignal, onProgress: (status: SearchStatus) => void): Promise<SearchStatus> {
    const end = AbortSignal.any([signal, this.enough.signal]);
    const told = () => onProgress(this.status());
    if (this.request.clearList === true) await this.clear();
    told();
    await Promise.all(this.running.map((part) => this.searchOne(part, end, signal, told)));
    this.endedAtMs = this.parts.clock.now();
    const how = signal.aborted
      ? "The search was ended before it was through"
      : this.enough.signal.aborted
        ? "As many meters as wanted were found"
        : "The search is through";
    const added = this.found.filter(({ result }) => result === "new").length;
    this.message = `${how}: ${this.foundCount} found, ${added} of them new`;
    return this.status();
  }

  status(): SearchStatus {
    const { running } = this;
    const share = running.length === 0 ? 0 : running.reduce((sum, part) => sum + part.share, 0) / running.length;
    const isRunning = this.endedAtMs === undefined;
    // Buses go side by side: the slowest tells.
    const leftMs = running.map((part) => part.leftMs ?? Number.POSITIVE_INFINITY).reduce((a, b) => Math.max(a, b), 0);
    return {
      isRunning,
      startedAtMs: this.startedAtMs,
      endedAtMs: this.endedAtMs,
      message: this.message,
      tried: running.reduce((sum, part) => sum + part.tried, 0),
      share: isRunning ? share : 1,
      secondsLeft: isRunning && Number.isFinite(leftMs) ? Math.ceil(leftMs / 1000) : undefined,
      cleared: this.cleared,
      interfaces: running.map(({ place: _, modes: __, toRead: ___, leftMs: ____, ...shown }) => ({ ...shown })),
      // A name is given with the first reading that is kept: it may have come meanwhile.
      found: this.found.slice(0, maxListed).map(({ meterId, ...found }) => ({
        ...found,
        device: meterId === undefined ? undefined : this.parts.list.device(meterId)?.name,
      })),
      foundCount: this.foundCount,
      unresolved: [...this.unresolved],
    };
  }

  /** Their history stays: what is found again has it. */
  private async clear(): Promise<void> {
    const names = new Set(this.running.map(({ interfaceName }) => interfaceName));
    const meters = [...this.parts.list.devices()].filter(
      ({ row }) => names.has(row.interfaceName) && row.isDeclared !== true,
    );
    const outcomes = await Promise.all(meters.map((device) => this.parts.list.remove(device, true)));
    this.cleared = outcomes.filter(({ ok }) => ok).length;
  }

  private async searchOne(part: Part, end: AbortSignal, cancelled: AbortSignal, told: () => void): Promise<void> {
    part.state = "searching";
    try {
      if (part.place.kind === "wireless") await this.listen(part, end, told);
      else await this.searchBus(part, end, told);
    } catch (error) {
      this.parts.logger.error("search failed", { interface: part.interfaceName, error: String(error) });
      part.message = `The search failed: ${(error as Error).message}`;
    }
    part.state = "reading";
    part.leftMs = 0;
    if (!cancelled.aborted) await this.read(part, cancelled, told);
    part.state = "done";
    part.share = 1;
    told();
  }

  private async searchBus(part: Part, end: AbortSignal, told: () => void): Promise<void> {
    const { request, parts } = this;
    const isEnhanced = part.modes.includes("esecondary") && !part.modes.includes("secondary");
    const modes = [...new Set(part.modes.map((mode): WiredMode => (mode === "primary" ? "primary" : "secondary")))];
    const baudRates = this.ratesOf(part.place);
    const steps = modes.length * baudRates.length;
    const { firstPrimary, lastPrimary, retries, requestIdleMs, isThorough } = request;
    const seen = new Set<FoundOnLine>();
    let installing = Promise.resolve();
    let step = 0;
    let stepName = "";
    let stepStarted = 0;
    const take = (found: readonly FoundOnLine[]): void => {
      for (const meter of found) {
        if (seen.has(meter)) continue;
        seen.add(meter);
        installing = installing.then(() => this.install(part, draftOfFound(part, meter, isEnhanced)));
      }
    };
    const report = await parts.buses.search(
      part.interfaceName,
      {
        modes,
        known: this.knownOn(part.interfaceName),
        primaryRange: { first: firstPrimary ?? 0, last: lastPrimary ?? 250 },
        baudRates,
        ...parts.pace,
        ...(isThorough === undefined ? {} : { isThorough }),
        ...(retries === undefined ? {} : { retries }),
        ...(requestIdleMs === undefined ? {} : { requestIdleMs }),
      },
      {
        signal: end,
        onProgress: (progress) => {
          const name = `${progress.mode} ${progress.baudRate}`;
          if (name !== stepName) {
            step += 1;
            stepName = name;
            stepStarted = parts.clock.monotonic();
          }
          part.mode = progress.mode === "secondary" && isEnhanced ? "esecondary" : progress.mode;
          part.baudRate = progress.baudRate;
          part.tried = progress.probes;
          part.share = Math.min(1, (step - 1 + progress.share) / steps);
          part.leftMs = this.leftOf(progress, { stepStarted, stepsAfter: steps - step });
          take(progress.found);
          told();
        },
      },
    );
    if (report === undefined) {
      part.message = "There is no such bus";
      return;
    }
    take(report.found);
    await installing;
    part.tried = report.probes;
    part.message = report.words;
    for (const mask of report.unresolved) this.unresolved.push(`${part.interfaceName} ${formatSecondaryAddress(mask)}`);
    for (const address of report.doubled) this.unresolved.push(`${part.interfaceName} primary ${address}`);
  }

  /** Modes and rates to come are taken to last as long as this one. */
  private leftOf({ remainingMs }: BusProgress, now: { stepStarted: number; stepsAfter: number }): number | undefined {
    if (remainingMs === undefined) return undefined;
    const wholeMs = this.parts.clock.monotonic() - now.stepStarted + remainingMs;
    return remainingMs + now.stepsAfter * wholeMs;
  }

  private ratesOf({ baudRate = 2400, canSwitchRate }: KnownInterface): readonly number[] {
    const { baudRates } = this.request;
    if (!canSwitchRate) return [baudRate];
    return baudRates ?? [...new Set([baudRate, this.parts.baudRate ?? baudRate])];
  }

  private knownOn(busName: string): readonly SecondaryAddress[] {
    return this.parts.list.activeOn(busName).flatMap(({ row }) => {
      return row.secondaryAddress === undefined ? [] : [parseSecondaryAddress(row.secondaryAddress)];
    });
  }

  private async listen(part: Part, end: AbortSignal, told: () => void): Promise<void> {
    const { clock } = this.parts;
    const totalMs = (this.request.listenSeconds ?? 0) * 1000;
    const started = clock.monotonic();
    part.mode = "wireless";
    const taken = new Set<string>();
    for (;;) {
      await this.takeHeard(part, taken);
      const elapsed = clock.monotonic() - started;
      part.share = totalMs === 0 ? 1 : Math.min(1, elapsed / totalMs);
      part.leftMs = Math.max(0, totalMs - elapsed);
      told();
      if (elapsed >= totalMs || end.aborted) break;
      await this.pause(Math.min(listenStepMs, totalMs - elapsed), end);
    }
    part.message = `${part.tried} meters were heard`;
  }

  private async takeHeard(part: Part, taken: Set<string>): Promise<void> {
    for (const { group, reception } of this.parts.receptions()) {
      if (group !== part.interfaceName || taken.has(reception.meter)) continue;
      taken.add(reception.meter);
      part.tried += 1;
      // In a form of its maker's own that cannot be read: it would fail at every readout.
      if (reception.proprietary !== undefined) continue;
      await this.install(part, {
        interfaceName: part.interfaceName,
        secondaryAddress: reception.identification,
        manufacturer: reception.manufacturer,
        version: reception.version,
        type: reception.medium,
        receiver: reception.links[0]?.receiver,
      });
      if (this.enough.signal.aborted) return;
    }
  }

  private pause(milliseconds: number, end: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(milliseconds, done);
      function done(): void {
        cancel();
        end.removeEventListener("abort", done);
        resolve();
      }
      end.addEventListener("abort", done, { once: true });
    });
  }

  private async install(part: Part, draft: MeterDraft): Promise<void> {
    const { meterCount } = this.request;
    if (meterCount !== undefined && this.foundCount >= meterCount) return;
    const { list } = this.parts;
    const listed = this.listedAs(part, draft);
    const outcome = listed === undefined ? await list.add(draft) : undefined;
    const known =
      listed ??
      (outcome?.ok === true
        ? undefined
        : list.occupantOf({ interfaceName: part.interfaceName, ...placeOfDraft(draft) }));
    const device = outcome?.ok === true ? outcome.device : known;
    if (device !== undefined) this.met.add(`${draft.addressingMode} ${device.row.id}`);
    const index = this.found.length;
    this.found.push({
      interfaceName: part.interfaceName,
      mode: part.mode ?? "secondary",
      address: draft.secondaryAddress ?? `primary ${draft.primaryAddress}`,
      meterId: device?.row.id,
      result: outcome?.ok === true ? "new" : known === undefined ? "refused" : "known",
      message: outcome === undefined || outcome.ok || known !== undefined ? undefined : outcome.problems[0]?.message,
    });
    part.found += 1;
    this.foundCount += 1;
    const isUnread = device !== undefined && device.newest === undefined && device.row.isPassive !== true;
    if (isUnread) part.toRead.push({ meterId: device.row.id, index });
    if (meterCount !== undefined && this.foundCount >= meterCount) this.enough.abort();
  }

  /**
   * The meter of the list that this one is, though it is asked by its other address there. Each is so once in a
   * mode: a second of one address is a twin.
   */
  private listedAs({ interfaceName, place }: Part, draft: MeterDraft): MeterDevice | undefined {
    const { secondaryAddress, primaryAddress, fabricationNumber } = draft;
    if (place.kind === "wireless" || secondaryAddress === undefined) return undefined;
    const fits = <Value>(one: Value | undefined, other: Value | undefined) =>
      one === undefined || other === undefined || one === other;
    return this.parts.list.alikeOn(interfaceName, secondaryAddress).find(({ row }) => {
      if (
        this.met.has(`${draft.addressingMode} ${row.id}`) ||
        isAskedByPrimary(row) === (draft.addressingMode === "primary")
      )
        return false;
      return fits(row.primaryAddress, primaryAddress) && fits(row.fabricationNumber, fabricationNumber);
    });
  }

  private async read(part: Part, cancelled: AbortSignal, told: () => void): Promise<void> {
    for (const { meterId, index } of part.toRead) {
      if (cancelled.aborted) return;
      const outcome = await this.parts.readOne(meterId);
      const entry = this.found[index];
      if (entry === undefined) continue;
      const message = outcome?.ok === true ? "Readout successful" : (outcome?.words ?? "It was not read");
      this.found[index] = { ...entry, message };
      told();
    }
  }
}

function partsOf(interfaces: readonly KnownInterface[], request: MeterSearchRequest): Part[] {
  const modes = request.modes ?? ["secondary"];
  return interfaces.flatMap((place): Part[] => {
    if (request.interfaces !== undefined && !request.interfaces.includes(place.name)) return [];
    const own = modes.filter((mode) => (mode === "wireless") === (place.kind === "wireless"));
    if (own.length === 0) return [];
    const nothing = {
      mode: undefined,
      baudRate: undefined,
      tried: 0,
      found: 0,
      share: 0,
      message: undefined,
      leftMs: undefined,
    };
    return [{ interfaceName: place.name, state: "waiting", ...nothing, place, modes: own, toRead: [] }];
  });
}

/** With the whole address it was found by, so that no other meter can answer for it. */
function draftOfFound({ interfaceName, place }: Part, meter: FoundOnLine, isEnhanced: boolean): MeterDraft {
  const { secondaryAddress, fabricationNumber, primaryAddress, baudRate } = meter;
  const whole = secondaryAddress && formatSecondaryAddress(secondaryAddress);
  const own = place.canSwitchRate && place.baudRate !== baudRate ? { baudRate } : {};
  if (meter.mode === "primary") {
    return { interfaceName, primaryAddress, secondaryAddress: whole, addressingMode: "primary", ...own };
  }
  return {
    interfaceName,
    secondaryAddress: whole,
    addressingMode: isEnhanced ? "esecondary" : "secondary",
    // BCD, least significant byte first.
    fabricationNumber: fabricationNumber && Buffer.from(fabricationNumber).reverse().toString("hex"),
    ...own,
  };
}

function placeOfDraft({ secondaryAddress, primaryAddress, fabricationNumber, addressingMode }: MeterDraft) {
  const mode = addressingMode === "wireless" ? undefined : addressingMode;
  return { secondaryAddress, primaryAddress, fabricationNumber, addressingMode: mode };
}
