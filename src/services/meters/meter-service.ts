/** The meter service over the registry's devices and what mapping knows of them. */
import type { LogicalDevice, Principal, Registry } from "../../../cosem/index.js";
import { MeterDevice } from "../../mapping/index.js";
import type { WirelessOptions } from "../../mbus/index.js";
import { hasRight } from "../rights.js";
import type { MeterPage, MeterService, MeterSummary } from "./contract.js";
import { newestTelegrams } from "./newest-telegrams.js";
import { describeObjects } from "./object-description.js";
import { readLines } from "./reading-lines.js";
import { summarise } from "./summary.js";

export interface MeterServiceParts {
  readonly registry: Pick<Registry, "device" | "devices">;
  /** Key and learned formats that open what a meter sends by radio; default: none. */
  wirelessOptionsOf?(meterId: number): WirelessOptions;
}

export function createMeterService({ registry, wirelessOptionsOf = withoutKey }: MeterServiceParts): MeterService {
  const meterOf = (principal: Principal, name: string): MeterDevice | undefined => {
    if (!hasRight(principal, "meters.read")) return undefined;
    const device = registry.device(name);
    return device instanceof MeterDevice ? device : undefined;
  };

  return {
    list(principal, query): MeterPage {
      if (!hasRight(principal, "meters.read")) return { meters: [], nextAfterSap: undefined, total: 0 };
      return page(registry.devices(), query.afterSap ?? 0, query.limit);
    },
    get(principal, device) {
      const meter = meterOf(principal, device);
      return meter && summarise(meter);
    },
    describe(principal, device) {
      const meter = meterOf(principal, device);
      return meter && describeObjects(meter);
    },
    telegrams(principal, device) {
      const meter = meterOf(principal, device);
      return meter && newestTelegrams(meter, wirelessOptionsOf(meter.row.id));
    },
    async readings(principal, device, query) {
      const meter = meterOf(principal, device);
      return meter && readLines(meter, query);
    },
  };
}

const withoutKey = (): WirelessOptions => ({ keyFor: () => undefined });

/** Devices come in order of SAP. */
function page(devices: Iterable<LogicalDevice>, afterSap: number, limit: number): MeterPage {
  const meters: MeterSummary[] = [];
  let total = 0;
  let hasMore = false;
  for (const device of devices) {
    if (!(device instanceof MeterDevice)) continue;
    total++;
    if (device.sap <= afterSap) continue;
    if (meters.length < limit) meters.push(summarise(device));
    else hasMore = true;
  }
  return { meters, nextAfterSap: hasMore ? meters.at(-1)?.sap : undefined, total };
}
