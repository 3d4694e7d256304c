/**
 * Reads meters: buses side by side, the meters of a bus in order. How it works:
 * - each bus has an arbiter and a session; every meter of a cycle takes the bus anew, so a live readout gets in between;
 * - a bus that cannot be opened, or is lost, costs its own meters alone; a meter interrupted by a loss is tried once more;
 * - results go to the sink at once; a cycle ends when the sink has taken them all, and its errors are counted;
 * - stop() ends the frame under way, sends the waiting away and closes the channels.
 */
import { setMaxListeners } from "node:events";
import {
  failedReadout,
  type LinkCommand,
  type LinkCommandResult,
  type LinkFailed,
  type LinkReadout,
  type MeterTarget,
  RememberedFormats,
  type TelegramSettings,
} from "../mbus/index.js";
import type { Clock, Logger } from "../ports/index.js";
import { type ArbiterState, BusArbiter, busPriority } from "./arbiter.js";
import { BusSession } from "./bus-session.js";
import { ContinuousMode, type ContinuousState } from "./continuous.js";
import type {
  BusReport,
  CompletedReadout,
  CycleReport,
  MeterOutcome,
  PlannedMeter,
  ReadoutBus,
  ReadoutPlan,
  ReadoutProgress,
  ReadoutSettings,
  ReadoutSink,
} from "./contract.js";
import { defaultReadoutSettings } from "./contract.js";
import { MeterDialogue, stoppedOutcome } from "./meter-dialogue.js";
import { type SearchProgress, type SearchReport, type SearchRequest, searchBus } from "./search.js";
import { type KeptCounts, SinkFeeder } from "./sink-feeder.js";

export interface ReadoutParts {
  readonly buses: readonly ReadoutBus[];
  readonly plan: ReadoutPlan;
  readonly sink: ReadoutSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings?: Partial<ReadoutSettings>;
  readonly onProgress?: (progress: ReadoutProgress) => void;
  /** Record headers learned of full frames, for compact ones; may be shared with receivers. Default: its own. */
  readonly formats?: RememberedFormats;
  /** Takes what continuous mode reads; it is stored nowhere. Must not throw. */
  readonly onContinuous?: (readout: CompletedReadout) => void;
}

export interface BusState extends ArbiterState {
  readonly busName: string;
  readonly isOpen: boolean;
}

export interface Readout {
  /**
   * Reads every meter once. A bus still at its former cycle is joined there, the others start anew: a slow bus does
   * not hold up the next cycle of the rest.
   */
  readAll(signal?: AbortSignal): Promise<CycleReport>;
  /**
   * Reads one meter, ahead of a running cycle; equal requests share one readout. The result went to the sink too.
   * @returns undefined when no such meter is planned
   */
  readOne(meterId: number): Promise<MeterOutcome | undefined>;
  /**
   * Searches a bus, side by side with readouts. `signal` ends it; what was found until then is in the report.
   * @returns undefined when there is no such bus
   */
  search(
    busName: string,
    request: SearchRequest,
    control?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: SearchProgress) => void },
  ): Promise<SearchReport | undefined>;
  /**
   * Sends one command to one meter, ahead of everything that waits for the bus. After a change of a meter's baud rate
   * the bus itself goes on at its own.
   * @returns undefined when there is no such bus
   */
  command(
    busName: string,
    target: MeterTarget,
    command: LinkCommand,
    baudRate?: number,
  ): Promise<LinkCommandResult | undefined>;
  /**
   * Asks a meter for its data (REQ_UD2), `telegrams.before` sent first, ahead of everything that waits; nothing of it
   * is stored.
   * @param baudRate  the meter's own, where that is not the bus's
   * @returns undefined when there is no such bus
   */
  ask(
    busName: string,
    target: MeterTarget,
    telegrams?: TelegramSettings,
    baudRate?: number,
  ): Promise<LinkReadout | undefined>;
  /** Continuous mode: on or off. Off resolves when the meter under way is done. */
  setContinuous(isOn: boolean): Promise<void>;
  readonly continuous: ContinuousState;
  /** Who holds each bus, who waits, and whether it is connected. */
  state(): readonly BusState[];
  /** The arbiter of a bus, for others who need it (search, tunnels). */
  arbiterOf(busName: string): BusArbiter | undefined;
  /** Ends everything within 1 s, in the middle of a frame too; resolves when the sink has taken what was read. */
  stop(): Promise<void>;
}

interface Bus {
  readonly name: string;
  readonly definition: ReadoutBus;
  readonly arbiter: BusArbiter;
  readonly session: BusSession;
}

/** Its counts change until the sink has taken everything. */
type RunningReport = BusReport & KeptCounts;
type Counts = { busName: string; read: number; failed: number; skipped: number; silent: number; durationMs: number };
export function createReadout(parts: ReadoutParts): Readout {
  return new BusReadout(parts);
}

class BusReadout implements Readout {
  private readonly parts: ReadoutParts;
  private readonly buses: ReadonlyMap<string, Bus>;
  private readonly feeder: SinkFeeder;
  private readonly running = new Map<string, Promise<RunningReport>>();
  private readonly single = new Map<number, Promise<MeterOutcome>>();
  private readonly stopping = new AbortController();
  private readonly formats: RememberedFormats;
  private readonly dialogue: MeterDialogue;
  private readonly continuousMode: ContinuousMode;

  constructor(parts: ReadoutParts) {
    this.parts = parts;
    this.formats = parts.formats ?? new RememberedFormats();
    this.feeder = new SinkFeeder(parts.sink, parts.logger);
    const settings = { ...defaultReadoutSettings, ...parts.settings };
    this.buses = new Map(parts.buses.map((bus) => [bus.name, this.createBus(bus, settings)]));
    const { clock, logger } = parts;
    this.dialogue = new MeterDialogue({ clock, logger, formats: this.formats, stopping: this.stopping.signal });
    this.continuousMode = new ContinuousMode({
      buses: [...this.buses.values()].map((bus) => ({
        name: bus.name,
        arbiter: bus.arbiter,
        meters: () => parts.plan.metersOf(bus.name),
        ask: (meter) => this.dialogue.ask(bus, meter),
        cycle: () => this.running.get(bus.name),
      })),
      clock,
      logger,
      onRead: (readout) => parts.onContinuous?.(readout),
    });
  }

  private createBus(bus: ReadoutBus, settings: ReadoutSettings): Bus {
    const { clock, logger } = this.parts;
    const onChange: ConstructorParameters<typeof BusSession>[0]["onChange"] = (change) => {
      if (change.opened) return this.report({ kind: "busOpened", busName: bus.name });
      logger.warn("bus lost", { bus: bus.name, cause: change.cause });
      this.report({ kind: "busLost", busName: bus.name, cause: change.cause });
    };
    return {
      name: bus.name,
      definition: bus,
      arbiter: new BusArbiter(clock),
      session: new BusSession({ bus, settings, clock, logger, formats: this.formats, onChange }),
    };
  }

  async readAll(signal?: AbortSignal): Promise<CycleReport> {
    const { clock } = this.parts;
    const startedAtMs = clock.now();
    const started = clock.monotonic();
    const errorsBefore = this.feeder.errors;
    const end = signal === undefined ? this.stopping.signal : AbortSignal.any([signal, this.stopping.signal]);
    // Each bus that waits for its turn listens; their number is no leak.
    setMaxListeners(0, end);
    const planned = [...this.buses.values()].map((bus) => ({ bus, meters: this.parts.plan.metersOf(bus.name) }));
    this.report({ kind: "cycleStarted", meterCount: planned.reduce((sum, { meters }) => sum + meters.length, 0) });
    const joined = await Promise.all(planned.map(({ bus, meters }) => this.startOrJoin(bus, meters, end)));
    await this.feeder.settled();
    const buses = joined.map(({ busName, read, failed, skipped, durationMs }): BusReport => {
      return { busName, read, failed, skipped, durationMs };
    });
    const total = (count: "read" | "failed" | "skipped") => buses.reduce((sum, bus) => sum + bus[count], 0);
    const report: CycleReport = {
      startedAtMs,
      durationMs: clock.monotonic() - started,
      read: total("read"),
      failed: total("failed"),
      skipped: total("skipped"),
      sinkErrors: this.feeder.errors - errorsBefore,
      buses,
    };
    this.report({ kind: "cycleFinished", report });
    return report;
  }

  readOne(meterId: number): Promise<MeterOutcome | undefined> {
    const running = this.single.get(meterId);
    if (running !== undefined) return running;
    const meter = this.parts.plan.find(meterId);
    const bus = meter === undefined ? undefined : this.buses.get(meter.busName);
    if (meter === undefined || bus === undefined) return Promise.resolve(undefined);
    const outcome = this.readMeter(bus, meter, "live readout", busPriority.live).finally(() => {
      this.single.delete(meterId);
    });
    this.single.set(meterId, outcome);
    return outcome;
  }

  async search(
    busName: string,
    request: SearchRequest,
    control: { readonly signal?: AbortSignal; readonly onProgress?: (progress: SearchProgress) => void } = {},
  ): Promise<SearchReport | undefined> {
    const bus = this.buses.get(busName);
    if (bus === undefined) return undefined;
    const stopping = this.stopping.signal;
    const signal = control.signal === undefined ? stopping : AbortSignal.any([control.signal, stopping]);
    const { session, arbiter, definition } = bus;
    const { clock } = this.parts;
    const { onProgress } = control;
    const { baudRate } = definition.settings;
    return searchBus({ busName, baudRate, session, arbiter, clock, signal, onProgress }, request);
  }

  command(
    busName: string,
    target: MeterTarget,
    command: LinkCommand,
    baudRate?: number,
  ): Promise<LinkCommandResult | undefined> {
    return this.withBus(busName, `command, ${command.kind}`, baudRate, (session) => session.command(target, command));
  }

  ask(
    busName: string,
    target: MeterTarget,
    telegrams?: TelegramSettings,
    baudRate?: number,
  ): Promise<LinkReadout | undefined> {
    return this.withBus(busName, "command, request", baudRate, (session) => session.readMeter(target, telegrams));
  }

  private async withBus<Result>(
    busName: string,
    holder: string,
    baudRate: number | undefined,
    dialogue: (session: BusSession) => Promise<Result>,
  ): Promise<Result | LinkFailed | undefined> {
    const bus = this.buses.get(busName);
    if (bus === undefined) return undefined;
    const lease = await bus.arbiter.acquire({ holder, priority: busPriority.command });
    if (lease === undefined) return failedReadout("stopped");
    try {
      const cause = await bus.session.ensureOpen();
      if (cause !== undefined) {
        return { ok: false, reason: "channelLost", words: `The interface cannot be opened: ${cause}` };
      }
      const busRate = bus.definition.settings.baudRate;
      const isSwitched = await bus.session.switchBaudRate(baudRate ?? busRate);
      if (!isSwitched && baudRate !== undefined && baudRate !== busRate) return failedReadout("baudRateRefused");
      return await dialogue(bus.session);
    } finally {
      lease.release();
    }
  }

  get continuous(): ContinuousState {
    return this.continuousMode.state;
  }

  async setContinuous(isOn: boolean): Promise<void> {
    if (!isOn) return this.continuousMode.stop();
    if (!this.stopping.signal.aborted) this.continuousMode.start();
  }

  state(): readonly BusState[] {
    return [...this.buses.values()].map((bus) => ({
      busName: bus.name,
      isOpen: bus.session.isOpen,
      ...bus.arbiter.state,
    }));
  }

  arbiterOf(busName: string): BusArbiter | undefined {
    return this.buses.get(busName)?.arbiter;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    const buses = [...this.buses.values()];
    for (const bus of buses) bus.arbiter.close();
    await Promise.all([this.continuousMode.stop(), ...buses.map((bus) => bus.session.stop())]);
    await this.feeder.settled();
  }

  private startOrJoin(bus: Bus, meters: readonly PlannedMeter[], end: AbortSignal): Promise<RunningReport> {
    const running = this.running.get(bus.name);
    if (running !== undefined) return running;
    const started = this.readBus(bus, meters, end).finally(() => this.running.delete(bus.name));
    this.running.set(bus.name, started);
    return started;
  }

  private async readBus(bus: Bus, meters: readonly PlannedMeter[], end: AbortSignal): Promise<RunningReport> {
    const started = this.parts.clock.monotonic();
    const counts: Counts = { busName: bus.name, read: 0, failed: 0, skipped: 0, silent: 0, durationMs: 0 };
    if (meters.length > 0 && bus.definition.settings.initIdleMs > 0) await this.initialise(bus, end);
    let unreachable: MeterOutcome | undefined;
    for (const meter of meters) {
      const outcome = end.aborted
        ? stoppedOutcome
        : (unreachable ?? (await this.readMeter(bus, meter, "cycle", busPriority.cycle, end, counts)));
      if (outcome === unreachable) this.hand(bus, meter, outcome);
      // One failed opening tells for the whole cycle: its meters are not asked one by one.
      if (!outcome.ok && outcome.reason === "busUnreachable") unreachable = outcome;
      countOutcome(counts, outcome);
    }
    // Nobody at all answered: a half-open connection looks just like that. A new one is cheap.
    if (meters.length > 1 && counts.silent === meters.length) await bus.session.drop("no meter answered");
    counts.durationMs = this.parts.clock.monotonic() - started;
    return counts;
  }

  private async initialise(bus: Bus, end: AbortSignal): Promise<void> {
    const lease = await bus.arbiter.acquire({ holder: "cycle, initialisation", priority: busPriority.cycle }, end);
    if (lease === undefined) return;
    try {
      if ((await bus.session.ensureOpen()) === undefined) await bus.session.initialise();
    } finally {
      lease.release();
    }
  }

  private async readMeter(
    bus: Bus,
    meter: PlannedMeter,
    purpose: string,
    priority: number,
    end?: AbortSignal,
    counts?: KeptCounts,
  ): Promise<MeterOutcome> {
    const lease = await bus.arbiter.acquire(
      { holder: `${purpose}, ${meter.name ?? `meter ${meter.meterId}`}`, priority },
      end,
    );
    if (lease === undefined) return stoppedOutcome;
    let taken: Promise<void> | undefined;
    try {
      this.report({ kind: "meterStarted", busName: bus.name, meterId: meter.meterId });
      const outcome = withOrigin(await this.dialogue.ask(bus, meter), priority);
      taken = this.hand(bus, meter, outcome, counts);
      return outcome;
    } finally {
      lease.release();
      await this.feeder.roomAgain();
      // Who asked for one reading wants to find it kept.
      if (priority === busPriority.live) await taken;
    }
  }

  /** Hands a result on. A stopped readout is no result. */
  private hand(bus: Bus, meter: PlannedMeter, outcome: MeterOutcome, counts?: KeptCounts): Promise<void> | undefined {
    if (!outcome.ok && outcome.reason === "stopped") return undefined;
    const taken = this.feeder.feed(meter.meterId, outcome, counts);
    this.report({ kind: "meterFinished", busName: bus.name, meterId: meter.meterId, outcome });
    return taken;
  }

  private report(progress: ReadoutProgress): void {
    try {
      this.parts.onProgress?.(progress);
    } catch (error) {
      this.parts.logger.error("progress listener failed", { error: String(error) });
    }
  }
}

/** Tells what made it happen, where that is not the cycle. */
function withOrigin(outcome: MeterOutcome, priority: number): MeterOutcome {
  if (priority !== busPriority.live) return outcome;
  if (outcome.ok) return { ok: true, readout: { ...outcome.readout, origin: "manual" } };
  return { ...outcome, effort: { ...outcome.effort, origin: "manual" } };
}

function countOutcome(counts: Counts, outcome: MeterOutcome): void {
  if (outcome.ok) counts.read += 1;
  else if (outcome.reason === "stopped") counts.skipped += 1;
  else counts.failed += 1;
  if (!outcome.ok && (outcome.reason === "noAnswer" || outcome.reason === "notSelected")) counts.silent += 1;
}
