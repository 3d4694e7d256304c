/** Joins readout, mapping and store: what is kept of each readout, the clock's trust, continuous mode, the service. */
import type { Registry } from "../../cosem/index.js";
import type { Mapping, QualityLimits } from "../mapping/index.js";
import type { RememberedFormats } from "../mbus/index.js";
import type { Clock, Logger } from "../ports/index.js";
import {
  type CompletedReadout,
  type CycleReport,
  createReadingClock,
  type FailedEffort,
  openedAnswer,
  type ReadingClock,
  type Readout,
  type ReadoutPlan,
  type ReadoutSink,
} from "../readout/index.js";
import { nextRun } from "../scheduler/index.js";
import {
  type BusHolder,
  type CycleState,
  createReadoutService,
  ReadoutRecorder,
  type ReadoutService,
} from "../services/readouts/index.js";
import type { ChangeRecorder } from "../services/recorder.js";
import type { Settings } from "../settings/index.js";
import type { Store } from "../store/index.js";
import { checkedPattern } from "./jobs/index.js";
import type { LocalTime } from "./local-time.js";

/** Nothing was ever read by this gateway before this day: 2025-01-01T00:00:00Z. */
const firstDayMs = 1_735_689_600_000;
const dayMs = 86_400_000;

export interface ReadoutCareParts {
  readonly settings: Settings;
  readonly serial: string;
  readonly mapping: Mapping;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ReadoutCare {
  /** What the buses and receivers hand their results to. */
  readonly sink: ReadoutSink;
  readonly trust: ReadingClock;
  readonly recorder: ReadoutRecorder;
  /** Shows what continuous mode reads. */
  onContinuous(readout: CompletedReadout): void;
}

/** Everything that happens to a result between the bus and its meter. */
export function createReadoutCare({ settings, mapping, store, clock, logger }: ReadoutCareParts): ReadoutCare {
  const newestMs = Math.max(0, ...[...mapping.devices()].map(({ newest }) => newest?.readAtMs ?? 0));
  const trust = createReadingClock({
    clock,
    logger,
    mode: settings.timeSync.enabled ? "confirmed" : "plausible",
    earliestMs: Math.max(firstDayMs, newestMs - dayMs),
    retime: (retiming) => mapping.retime(retiming, () => store.retime(retiming)),
  });
  const recorder = new ReadoutRecorder({ store, trust, clock, logger });
  const stampOf = ({ readAtMs, monotonicMs }: CompletedReadout) =>
    monotonicMs ?? clock.monotonic() - (clock.now() - readAtMs);

  const sink: ReadoutSink = {
    async completed(completed) {
      const monotonicMs = stampOf(completed);
      const { atMs, clockStatus } = trust.momentOf(completed.readAtMs, monotonicMs);
      const readout = { ...completed, readAtMs: atMs, clockStatus };
      // Also those of a readout that mapping refuses: they show why. Both are of one group of the store.
      const kept = keepTelegrams(store, readout, logger);
      const answer = await mapping.completed(readout, ({ number, readAtMs }) => {
        if (clockStatus !== 0) trust.kept({ meterId: readout.meterId, number, readAtMs, monotonicMs });
      });
      await kept;
      const record = {
        meterId: readout.meterId,
        origin: readout.origin ?? "cycle",
        createdAtMs: completed.readAtMs,
        ok: answer.ok,
        reason: answer.ok ? undefined : "notKept",
        message: answer.message,
        telegramCount: readout.telegrams.length,
        durationMs: readout.durationMs,
        retries: readout.retries ?? 0,
        responseMs: readout.responseMs,
        signalDbm: readout.signalDbm,
      };
      recorder.note(record, monotonicMs);
      return answer;
    },
    failed(meterId, reason, words, received, effort: FailedEffort = {}) {
      mapping.failed(meterId, reason, words, received, effort);
      const record = {
        meterId,
        origin: effort.origin ?? "cycle",
        createdAtMs: clock.now(),
        ok: false,
        reason,
        message: words,
        telegramCount: received?.frames.length ?? 0,
        durationMs: effort.durationMs ?? 0,
        retries: effort.retries ?? 0,
        responseMs: effort.responseMs,
        signalDbm: undefined,
      };
      recorder.note(record, clock.monotonic());
    },
  };
  return {
    sink,
    trust,
    recorder,
    onContinuous(readout) {
      const { atMs, clockStatus } = trust.momentOf(readout.readAtMs, stampOf(readout));
      mapping.showLive({ ...readout, readAtMs: atMs, clockStatus });
    },
  };
}

/** Never rejects: a reading does not depend on them. */
async function keepTelegrams(store: Store, completed: CompletedReadout, logger: Logger) {
  const { meterId, readAtMs, telegrams, received } = completed;
  try {
    await store.keepTelegrams(
      meterId,
      (received?.frames ?? telegrams).map((bytes) => ({ receivedAtMs: readAtMs, bytes })),
    );
  } catch (error) {
    logger.warn("telegrams as received were not kept", { meterId, error: String(error) });
  }
}

type Cycle = Pick<Readout, "readAll" | "readOne">;

export interface WatchedCycle extends Cycle {
  state(): CycleState;
}

/** Keeps an eye on cycles: one that lasts beyond the moment at which the next one is due is told. */
export function watchCycle(
  cycle: Cycle,
  { settings, serial, clock, logger }: Pick<ReadoutCareParts, "settings" | "serial" | "clock" | "logger">,
): WatchedCycle {
  const { readout, clock: zone } = settings;
  const pattern = readout.enabled ? checkedPattern(readout.schedule, serial) : undefined;
  let running = 0;
  let startedAtMs: number | undefined;
  let last: CycleState["last"];
  let lateCycles = 0;
  const ended = ({ startedAtMs: began, durationMs, read, failed, skipped }: CycleReport) => {
    const due = pattern && nextRun(pattern, began, zone.timeZone);
    const wasLate = due !== undefined && began + durationMs > due;
    last = { startedAtMs: began, durationMs, read, failed, skipped, wasLate };
    if (!wasLate) return;
    lateCycles += 1;
    const seconds = Math.round(durationMs / 1000);
    logger.warn("the readout cycle outlasted its period; the next one begins late", {
      seconds,
      schedule: readout.schedule,
    });
  };
  return {
    readOne: (meterId) => cycle.readOne(meterId),
    async readAll(signal) {
      running += 1;
      startedAtMs = clock.now();
      try {
        const report = await cycle.readAll(signal);
        ended(report);
        return report;
      } finally {
        running -= 1;
      }
    },
    state: () => ({
      isRunning: running > 0,
      startedAtMs: running > 0 ? startedAtMs : last?.startedAtMs,
      last,
      lateCycles,
    }),
  };
}

/** When a value of this gateway is doubtful. Without a setting, a value is stale after two periods and a minute. */
export function qualityLimitsOf({ readout, clock }: Settings, serial: string, nowMs: number): QualityLimits {
  const { staleAfterSeconds, jumpFactor, meterClockLimitSeconds } = readout;
  return {
    staleAfterMs: staleAfterSeconds > 0 ? staleAfterSeconds * 1000 : 2 * periodMs() + 60_000,
    jumpFactor,
    meterClockLimitMs: meterClockLimitSeconds === 0 ? Number.POSITIVE_INFINITY : meterClockLimitSeconds * 1000,
  };

  /** The longest of the next gaps of the schedule; for ever where nothing is read by itself. */
  function periodMs(): number {
    if (!readout.enabled) return Number.POSITIVE_INFINITY;
    const pattern = checkedPattern(readout.schedule, serial);
    let longest = 0;
    let from = nextRun(pattern, nowMs, clock.timeZone);
    for (let gaps = 0; gaps < 5 && from !== undefined; gaps++) {
      const next = nextRun(pattern, from, clock.timeZone);
      longest = Math.max(longest, (next ?? from) - from);
      from = next;
    }
    return longest === 0 ? Number.POSITIVE_INFINITY : longest;
  }
}

export interface ReadoutServicesParts {
  readonly care: ReadoutCare;
  readonly readout: Readout;
  readonly plan: ReadoutPlan;
  readonly cycle: WatchedCycle;
  startCycle(): void;
  readonly mapping: Mapping;
  readonly registry: Registry;
  /** Record headers for compact answers. */
  readonly formats: RememberedFormats;
  readonly store: Store;
  readonly audit: ChangeRecorder;
  readonly clock: Clock;
  localTimeOf(atMs: number): LocalTime;
}

export interface ReadoutServices {
  readonly service: ReadoutService;
  buses(): readonly BusHolder[];
}

export function createReadoutServices(parts: ReadoutServicesParts): ReadoutServices {
  const { care, readout, plan, cycle, mapping } = parts;
  const buses = () =>
    readout.state().map(({ busName, isOpen, holder, heldSinceMs, endsAtMs, waiting }): BusHolder => {
      return { bus: busName, isOpen, holder, heldSinceMs, endsAtMs, waiting };
    });
  const service = createReadoutService({
    engine: {
      async readOne(meterId) {
        const outcome = await cycle.readOne(meterId);
        if (outcome === undefined) return undefined;
        return outcome.ok ? keptOutcome(mapping, meterId) : { ok: false, words: outcome.words };
      },
      startCycle: () => parts.startCycle(),
      cycle: () => cycle.state(),
      placeOf(meterId) {
        const meter = plan.find(meterId);
        return meter && { ...meter, open: (telegram) => openedAnswer(telegram, meter, parts.formats) };
      },
      command: (...words) => readout.command(...words),
      ask: (...words) => readout.ask(...words),
      buses,
      continuous: () => readout.continuous,
      async setContinuous(isOn) {
        await readout.setContinuous(isOn);
        if (!isOn) mapping.endLive();
      },
    },
    registry: parts.registry,
    store: parts.store,
    recorder: care.recorder,
    audit: parts.audit,
    clock: parts.clock,
    trust: care.trust,
    localTimeOf: (atMs) => parts.localTimeOf(atMs),
    nameOf: (meterId) => mapping.device(meterId)?.name,
  });
  return { service, buses };
}

/** A good readout on the bus may still have been refused: its meter says so once the sink has taken it. */
function keptOutcome(mapping: Mapping, meterId: number): { readonly ok: boolean; readonly words?: string } {
  const last = mapping.device(meterId)?.lastReadout;
  return last === undefined || last.ok ? { ok: true } : { ok: false, words: last.message };
}
