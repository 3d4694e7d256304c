/** What the devices of meters are shown with: their bus, key and reception, and what their M-Bus client can be told. */
import { type MbusChannelActions, mbusLinkStatus, type Registry, refused } from "../../../cosem/index.js";
import type { MeterReception, MeterServing, ServedMeter } from "../../mapping/index.js";
import type { Clock, Logger, Reception } from "../../ports/index.js";
import type { Settings } from "../../settings/index.js";
import { portNamesOf } from "./bus-objects.js";
import { createLiveReadout } from "./live-readout.js";
import { createMbusActions, type MbusActionsParts, type MeterActions } from "./mbus-actions.js";

/** Parts that are made after the meters. */
export interface MeterSurroundings {
  /** Reads one meter now; the reading is committed as any other. */
  readOne(meterId: number): Promise<{ readonly ok: boolean } | undefined>;
  hasKey(meterId: number): boolean;
  /** By name: manufacturer, identification, medium, version. */
  reception(meter: string): Reception | undefined;
  readonly actions: MeterActions;
}

export interface MeterServingParts {
  readonly settings: Settings;
  /** Names of receiver groups. */
  readonly groups: ReadonlySet<string>;
  readonly gatewayName: string;
  readonly firmwareVersion: string;
  /** Undefined until all are made. */
  surroundings(): MeterSurroundings | undefined;
  readonly registry: Pick<Registry, "subscribe">;
  readonly meterLog?: MeterServing["meterLog"];
  readonly localTimeAt: MbusActionsParts["localTimeAt"];
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createMeterServing(parts: MeterServingParts): MeterServing {
  const { settings, groups, surroundings, clock } = parts;
  const ports = portNamesOf(settings.interfaces);
  return {
    profile: settings.profile,
    mbusClientVersion: settings.doors.dlms.mbusClientVersion,
    gatewayName: parts.gatewayName,
    firmwareVersion: parts.firmwareVersion,
    portOf: ({ row }) => ports.get(row.interfaceName),
    hasKey: ({ row }) => surroundings()?.hasKey(row.id) === true,
    isWireless: ({ row }) => groups.has(row.interfaceName),
    receptionOf(meter) {
      const reception = surroundings()?.reception(meter.name.slice(0, nameLength));
      return reception && shown(reception, clock.now());
    },
    freshen: settings.profile === "cme3100" ? freshenOf(parts) : undefined,
    meterLog: parts.meterLog,
    actionsOf: (meter) => actionsOf(meter, parts),
  };
}

function freshenOf({ settings, surroundings, registry, clock, logger }: MeterServingParts) {
  const limitMs = settings.doors.dlms.liveReadoutSeconds * 1000;
  return createLiveReadout({ registry, readOne: (id) => surroundings()?.readOne(id), clock, logger, limitMs });
}

/** Of a logical device name without the suffix that tells equal ones apart. */
const nameLength = 15;
const dayMs = 86_400_000;

function shown({ links, count, lastAtMs }: Reception, nowMs: number): MeterReception {
  const isHeard = nowMs - lastAtMs < dayMs;
  const linkStatus = isHeard ? mbusLinkStatus.normal : mbusLinkStatus.temporarilyInterrupted;
  return { rssiDbm: links[0]?.rssiDbm, count, lastAtMs, linkStatus };
}

/** capture() starts a readout out of turn. */
function actionsOf(
  meter: ServedMeter,
  { surroundings, clock, localTimeAt, logger }: MeterServingParts,
): MbusChannelActions {
  return {
    ...createMbusActions({ meter, actions: () => surroundings()?.actions, clock, localTimeAt, logger }),
    capture() {
      const outcome = surroundings()?.readOne(meter.row.id);
      if (outcome === undefined) return refused.temporaryFailure;
      outcome.catch((error: unknown) => logger.error("capture failed", { device: meter.name, error: String(error) }));
      return undefined;
    },
  };
}
