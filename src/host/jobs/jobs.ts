/** The job list joined with the scheduler's timetable and the dialect of its patterns. */
import type { GatewayClock, JobRunStore, Logger, ReadingStore } from "../../ports/index.js";
import {
  createTimetable,
  nextRun,
  nextRuns,
  type Pattern,
  parsePattern,
  patternOfPreset,
  presets,
  wordsOf,
} from "../../scheduler/index.js";
import {
  createJobList,
  createJobService,
  type JobList,
  type JobService,
  type Patterns,
} from "../../services/jobs/index.js";
import type { ChangeRecorder } from "../../services/recorder.js";
import type { Settings } from "../../settings/index.js";

export interface JobsParts {
  readonly settings: Pick<Settings, "jobs" | "clock">;
  /** Spreads drawn values (`?`) of schedules over gateways. */
  readonly serial: string;
  readonly store: JobRunStore & Pick<ReadingStore, "setState" | "statesWithPrefix">;
  readonly recorder: ChangeRecorder;
  readonly clock: GatewayClock;
  readonly logger: Logger;
}

export interface Jobs {
  readonly list: JobList;
  readonly service: JobService;
  start(): void;
  stop(): Promise<void>;
}

/** Running jobs get so long when the gateway stops; their parts are stopped right after. */
const stopLimitMs = 100;

/** Reads what is on record; jobs are registered with `list`. */
export async function createJobs(parts: JobsParts): Promise<Jobs> {
  const { settings, serial, store, recorder, clock, logger } = parts;
  const { timeZone } = settings.clock;
  const patternOf = (text: string) => checkedPattern(text, serial);
  const timetable = createTimetable({
    clock,
    logger,
    timeZone,
    due: (name, scheduledForMs) => list.due(name, scheduledForMs),
  });
  const list: JobList = createJobList({
    timetable: {
      set: (name, text, lastDueMs) => timetable.set(name, text === undefined ? undefined : patternOf(text), lastDueMs),
      remove: (name) => timetable.remove(name),
      nextOf: (name) => timetable.nextOf(name),
      nextAfter: (text, afterMs) => nextRun(patternOf(text), afterMs, timeZone),
    },
    patterns: patternsOf(serial, timeZone),
    store,
    recorder,
    settings: settings.jobs,
    clock,
    logger,
  });
  await list.open();
  const forget = clock.onChange(() => timetable.clockChanged());
  return {
    list,
    service: createJobService(list, { store, recorder, patterns: patternsOf(serial, timeZone), clock }),
    start() {
      timetable.start();
      list.start();
    },
    async stop() {
      forget();
      timetable.stop();
      await list.stop(stopLimitMs);
    },
  };
}

function patternsOf(serial: string, timeZone: string): Patterns {
  return {
    problemOf(text) {
      const parsed = parsePattern(text, serial);
      return parsed.ok ? undefined : parsed.message;
    },
    resolve: patternOfPreset,
    explain(text, afterMs, count) {
      const pattern = checkedPattern(text, serial);
      return {
        pattern: text,
        words: wordsOf(pattern),
        timeZone,
        nextRunsMs: nextRuns(pattern, afterMs, timeZone, count),
      };
    },
    presets,
  };
}

/** Settings were checked when they were loaded: a bad pattern here is a bug. */
export function checkedPattern(text: string, seed: string): Pattern {
  const parsed = parsePattern(text, seed);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
}
