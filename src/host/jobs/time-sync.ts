/**
 * The job that asks time servers (PRODUCT.md row 28). The process does not set the machine's clock: the difference
 * becomes the offset of the gateway's own clock, which then is known to be good.
 */
import type { GatewayClock } from "../../ports/index.js";
import type { JobList, JobResult } from "../../services/jobs/index.js";
import type { TimeSyncSettings } from "../../settings/index.js";
import type { SntpAnswer, SntpServer } from "../../transport/index.js";

export interface TimeSyncParts {
  readonly settings: TimeSyncSettings;
  readonly list: Pick<JobList, "register" | "trigger">;
  readonly clock: GatewayClock;
  ask(server: SntpServer, timeoutMs: number, signal: AbortSignal): Promise<SntpAnswer>;
}

export const timeSyncJob = "timesync";

/** @returns asks for the first time; call it once jobs run */
export function registerTimeSync({ settings, list, clock, ask }: TimeSyncParts): () => void {
  const { enabled, servers, timeoutSeconds, acceptedDifferenceSeconds } = settings;
  const isOn = enabled && servers.length > 0;
  list.register({
    name: timeSyncJob,
    kind: "timeSync",
    help: "Asks time servers and sets the gateway's clock.",
    schedule: settings.schedule,
    enabled: isOn,
    async run({ signal, progress }): Promise<JobResult> {
      const failures: string[] = [];
      for (const [index, server] of servers.entries()) {
        if (signal.aborted) break;
        progress(index, servers.length, server.host);
        try {
          const { offsetMs, roundTripMs } = await ask(server, timeoutSeconds * 1000, signal);
          const isAccepted = Math.abs(offsetMs) <= acceptedDifferenceSeconds * 1000;
          clock.set(isAccepted ? 0 : offsetMs, `time server ${server.host}`);
          const difference = `${(offsetMs / 1000).toFixed(3)} s off by ${server.host}`;
          const detail = { server: server.host, offsetMs, roundTripMs, isSet: !isAccepted };
          return { outcome: "good", words: isAccepted ? `${difference}, left as it is` : `${difference}, set`, detail };
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error));
        }
      }
      return { outcome: "failed", words: failures.join("; ") || "no time server is set: timeSync.servers" };
    },
  });
  return () => {
    if (isOn) list.trigger(timeSyncJob, "event");
  };
}
