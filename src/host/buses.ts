import { defaultMasterSettings, type MasterSettings, type MeterTarget, parseSecondaryAddress } from "../mbus/index.js";
import type { MeterRow } from "../ports/index.js";
import type { PlannedMeter, ReadoutBus, ReadoutPlan } from "../readout/index.js";
import type { InterfaceSettings, ReadoutSettings } from "../settings/index.js";
import { connectTcp, openSerial } from "../transport/index.js";

/** The interfaces of the settings as buses that the readout can open. */
export function busesOf(interfaces: readonly InterfaceSettings[], readout: ReadoutSettings): readonly ReadoutBus[] {
  return interfaces.map((settings) => ({
    name: settings.name,
    settings: masterSettings(settings.baudRate, readout),
    open: () => open(settings),
  }));
}

function open(settings: InterfaceSettings) {
  if (settings.kind === "tcp") return connectTcp({ host: settings.host, port: settings.port });
  return openSerial({ path: settings.path, baudRate: settings.baudRate });
}

function masterSettings(baudRate: number, readout: ReadoutSettings): MasterSettings {
  return {
    ...defaultMasterSettings,
    baudRate,
    responseTimeoutMs: readout.responseTimeoutMs,
    readoutRetries: readout.retries,
    selectionRetries: readout.selectionRetries,
    initIdleMs: readout.initialisationIdleMs,
    collisionIdleMs: readout.collisionIdleMs,
    requestIdleMs: readout.requestIdleMs,
    multiTelegram: readout.multiTelegram,
    telegramLimit: readout.telegramLimit,
  };
}

/** Installed meters in the order of their SAP, by bus. */
export function createPlan(meters: readonly MeterRow[]): ReadoutPlan {
  const planned = new Map<number, PlannedMeter>();
  const byBus = new Map<string, PlannedMeter[]>();
  for (const meter of [...meters].sort((one, other) => one.sap - other.sap)) {
    const target = targetOf(meter);
    if (target === undefined) continue;
    const plan: PlannedMeter = { meterId: meter.id, busName: meter.interfaceName, target };
    planned.set(meter.id, plan);
    byBus.set(meter.interfaceName, [...(byBus.get(meter.interfaceName) ?? []), plan]);
  }
  return { metersOf: (busName) => byBus.get(busName) ?? [], find: (meterId) => planned.get(meterId) };
}

function targetOf(meter: MeterRow): MeterTarget | undefined {
  if (meter.secondaryAddress !== undefined) {
    return { kind: "secondary", mask: parseSecondaryAddress(meter.secondaryAddress) };
  }
  return meter.primaryAddress === undefined ? undefined : { kind: "primary", address: meter.primaryAddress };
}
