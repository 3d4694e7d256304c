/** The meter service over the registry's devices and what mapping knows of them. */
import type { LogicalDevice, Principal, Registry } from "../../../cosem/index.js";
import { MeterDevice } from "../../mapping/index.js";
import { explainApplication, unpackPayload } from "../../mbus/index.js";
import { hasRight } from "../rights.js";
import type { MeterPage, MeterService, MeterSummary, NewestTelegrams } from "./contract.js";
import { describeObjects } from "./object-description.js";
import { readLines } from "./reading-lines.js";
import { summarise } from "./summary.js";

export interface MeterServiceParts {
  readonly registry: Pick<Registry, "device" | "devices">;
}

export function createMeterService({ registry }: MeterServiceParts): MeterService {
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
      return meter && newestTelegrams(meter);
    },
    async readings(principal, device, query) {
      const meter = meterOf(principal, device);
      return meter && readLines(meter, query);
    },
  };
}

function newestTelegrams({ newest, meterKind }: MeterDevice): NewestTelegrams | undefined {
  if (newest === undefined) return undefined;
  const manufacturerFields = (_: unknown, data: Uint8Array) => meterKind?.readManufacturerData(data) ?? [];
  const telegrams = unpackPayload(newest.payload).map((bytes) => ({
    bytes,
    explanation: explainApplication(bytes, { manufacturerFields }),
  }));
  return { readingNumber: newest.number, readAtMs: newest.readAtMs, telegrams };
}

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
