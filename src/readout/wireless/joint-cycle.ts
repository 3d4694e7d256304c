/** Wired buses and wireless groups read in one cycle. */
import type { CycleReport, MeterOutcome } from "../contract.js";

type Reader = {
  readAll(signal?: AbortSignal): Promise<CycleReport>;
  readOne(meterId: number): Promise<MeterOutcome | undefined>;
};

/** Both begin at once; the report is that of both together. */
export function joinCycles(wired: Reader, wireless: Reader): Reader {
  return {
    async readOne(meterId) {
      return (await wired.readOne(meterId)) ?? wireless.readOne(meterId);
    },
    async readAll(signal) {
      const [one, other] = await Promise.all([wired.readAll(signal), wireless.readAll(signal)]);
      return {
        startedAtMs: Math.min(one.startedAtMs, other.startedAtMs),
        durationMs: Math.max(one.durationMs, other.durationMs),
        read: one.read + other.read,
        failed: one.failed + other.failed,
        skipped: one.skipped + other.skipped,
        sinkErrors: one.sinkErrors + other.sinkErrors,
        buses: [...one.buses, ...other.buses],
      };
    },
  };
}
