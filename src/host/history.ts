/** Looks after the history while the gateway runs: what is too old or too much goes, damage and a full disk are told. */

import type { Clock, HistoryStore, Logger } from "../ports/index.js";
import { forecastOf } from "../services/history/index.js";
import type { Settings } from "../settings/index.js";
import { type SetAside, setAsideWords } from "../store/index.js";

export interface HistoryCareParts {
  readonly settings: Settings["history"];
  readonly store: HistoryStore & { readonly damaged: SetAside | undefined };
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface HistoryCare {
  start(): void;
  /** Removes what is too old or too much, now. @returns what was done, in words; rejects where that failed */
  tidyUp(): Promise<string | undefined>;
  stop(): Promise<void>;
  /** What people should know, one sentence each. */
  notices(): readonly string[];
}

const dayMs = 86_400_000;
/** The doors first, then the looking through. */
const firstAfterMs = 5_000;
const warnDays = 60;

export function createHistoryCare({ settings, store, clock, logger }: HistoryCareParts): HistoryCare {
  const { keepDays, minFreeMegabytes } = settings;
  const lasting = store.damaged === undefined ? [] : [setAsideWords(store.damaged)];
  let damage: string | undefined;
  let room: string | undefined;
  let cancel: (() => void) | undefined;
  let running = Promise.resolve();

  const retain = async (): Promise<string | undefined> => {
    const { removedReadings, isStillFull } = await store.retain({
      nowMs: clock.now(),
      maxAgeMs: keepDays === 0 ? undefined : keepDays * dayMs,
      minFreeBytes: minFreeMegabytes === 0 ? undefined : minFreeMegabytes * 1_000_000,
    });
    if (removedReadings > 0) logger.info("old readings were removed", { readings: removedReadings });
    const figures = await store.figures();
    const isNear = figures.daysUntilFull !== undefined && figures.daysUntilFull < warnDays;
    room = isNear ? `The disk for readings will be ${forecastOf(figures)}.` : undefined;
    if (isStillFull)
      room = `Less than ${minFreeMegabytes} MB are free for readings and old ones would not give so much: make room on the disk, or set history.minFreeMegabytes lower.`;
    if (room !== undefined) logger.warn(room);
    return removedReadings > 0 ? `${removedReadings} old readings removed` : room;
  };

  const lookThrough = async (): Promise<void> => {
    const ranges = await store.findDamage();
    if (ranges.length === 0) return;
    const readings = ranges.reduce((sum, { fromNumber, toNumber }) => sum + toNumber - fromNumber + 1, 0);
    damage = `${readings} old readings of the database are damaged and cannot be read: restore a backup.`;
    logger.error(damage, { ranges: ranges.slice(0, 20) });
  };

  /** Never rejects: what fails is told and tried again an hour later. */
  const told = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const reason = (error as { reason?: unknown }).reason;
      if (reason === "closed") return;
      logger.error("the history could not be looked after", { error: String(error) });
      if (reason === "corrupt") damage = "The database is damaged: restart the gateway, which sets it aside.";
    }
  };

  return {
    start() {
      cancel = clock.after(firstAfterMs, () => {
        running = told(retain).then(() => told(lookThrough));
      });
    },
    async tidyUp() {
      const work = running.then(retain);
      running = told(() => work);
      await running;
      return work;
    },
    async stop() {
      cancel?.();
      await running;
    },
    notices: () => [...lasting, ...[damage, room].filter((notice) => notice !== undefined)],
  };
}
