/** The system log of this gateway: what feeds it, and the meters' status bytes in it. */
import { type MeterLog, statusText } from "../mapping/index.js";
import { type Clock, cosemLog, type Logger } from "../ports/index.js";
import { meterStatusTextId, SystemLog } from "../services/log/index.js";
import type { Settings } from "../settings/index.js";

export interface SystemLogWiring {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly console: Logger;
  deviationAt(instantMs: number): number;
  clockStatus?(): number;
  /** The meter of a device name; undefined: it is no meter's. */
  meterIdOfDevice(name: string): number | undefined;
}

export function createSystemLog(wiring: SystemLogWiring): SystemLog {
  const { minimumSeverity, floodSeconds, maxMegabytes, keepDays } = wiring.settings.log;
  return new SystemLog({
    clock: wiring.clock,
    console: wiring.console,
    minimumSeverity,
    floodSeconds,
    maxMegabytes,
    keepDays,
    deviationAt: (instantMs) => wiring.deviationAt(instantMs),
    ...(wiring.clockStatus === undefined ? {} : { clockStatus: wiring.clockStatus }),
    meterIdOf({ meterId, meter, device }) {
      if (typeof meterId === "number") return meterId;
      if (typeof meter === "number") return meter;
      return typeof device === "string" ? wiring.meterIdOfDevice(device) : undefined;
    },
  });
}

/** Row 56, "log meter status": an event on change, an entry more where each one is asked for. */
export function createMeterLog(log: SystemLog, meterStatusOf: () => Settings["log"]["meterStatus"]): MeterLog {
  return {
    status({ name, row }, status, before, at) {
      const isChange = status !== before;
      const meterStatus = meterStatusOf();
      if (meterStatus === "never" || (meterStatus === "onChange" && !isChange)) return;
      log.record({
        ...at,
        textId: meterStatusTextId + status,
        severity: status === 0 ? 0 : 1,
        parameters: { device: name, status, words: statusText(status) },
        meterId: row.id,
        cosemLog: isChange ? cosemLog.standard : cosemLog.none,
      });
    },
    events: (meterId, kind) => log.eventsOfMeter(meterId, cosemLog[kind]),
  };
}

/** For what is made before the log that it writes to. */
export function forwardingLogger(current: () => Logger): Logger {
  return {
    debug: (message, fields) => current().debug(message, fields),
    info: (message, fields) => current().info(message, fields),
    warn: (message, fields) => current().warn(message, fields),
    error: (message, fields) => current().error(message, fields),
  };
}
