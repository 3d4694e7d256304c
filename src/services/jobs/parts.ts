/** What the jobs need from others; the host joins them. */
import type { Clock, JobRunStore, Logger, ReadingStore } from "../../ports/index.js";
import type { ChangeRecorder } from "../recorder.js";
import type { PatternExplanation, SchedulePreset } from "./contract.js";

/** The scheduler's timetable, by texts of patterns. */
export interface JobTimetable {
  /** @param pattern  a good one; undefined: due no more */
  set(name: string, pattern: string | undefined, lastDueMs?: number): void;
  remove(name: string): void;
  nextOf(name: string): number | undefined;
  /** The instant after a moment, of a good pattern. */
  nextAfter(pattern: string, afterMs: number): number | undefined;
}

export interface Patterns {
  /** What is wrong with a pattern; undefined: it is good. */
  problemOf(pattern: string): string | undefined;
  /** The pattern of a preset's name; any other text as it is. */
  resolve(text: string): string;
  /** Of a good pattern. */
  explain(pattern: string, afterMs: number, count: number): PatternExplanation;
  readonly presets: readonly SchedulePreset[];
}

export interface JobSettings {
  readonly retries: number;
  readonly retryOffsetSeconds: number;
  readonly manualRetries: number;
  readonly manualRetryOffsetSeconds: number;
}

export interface JobsParts {
  readonly timetable: JobTimetable;
  readonly patterns: Patterns;
  readonly store: JobRunStore & Pick<ReadingStore, "setState" | "statesWithPrefix">;
  readonly recorder: ChangeRecorder;
  readonly settings: JobSettings;
  readonly clock: Clock;
  readonly logger: Logger;
}
