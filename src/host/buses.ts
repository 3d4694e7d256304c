import {
  type AesKey,
  defaultMasterSettings,
  type MasterSettings,
  type MeterTarget,
  parseSecondaryAddress,
} from "../mbus/index.js";
import type { ByteChannel, MeterRow } from "../ports/index.js";
import type { PlannedMeter, ReadoutBus, ReadoutPlan } from "../readout/index.js";
import type { InterfaceSettings, ReadoutSettings } from "../settings/index.js";
import { connectRfc2217, connectTcp, openSerial, openUdp, withoutEcho } from "../transport/index.js";

/** The interfaces of the settings as buses that the readout can open. */
export function busesOf(interfaces: readonly InterfaceSettings[], readout: ReadoutSettings): readonly ReadoutBus[] {
  return interfaces.map((settings) => ({
    name: settings.name,
    settings: masterSettings(settings, readout),
    open: () => open(settings),
  }));
}

async function open(settings: InterfaceSettings): Promise<ByteChannel> {
  switch (settings.kind) {
    case "tcp":
      return connectTcp({ host: settings.host, port: settings.port });
    case "rfc2217":
      return connectRfc2217({ host: settings.host, port: settings.port, baudRate: settings.baudRate });
    case "udp":
      return openUdp({ host: settings.host, port: settings.port, localPort: settings.localPort });
    case "ir":
      // Heads are fed from DTR and RTS.
      return withoutEcho(await openSerial({ path: settings.path, baudRate: settings.baudRate, rts: "on" }));
    default:
      return openSerial({ path: settings.path, baudRate: settings.baudRate, rts: settings.rts });
  }
}

/** How long a frame may pause on a line of our own; networks get the default. */
const serialPauseMs = 100;

function masterSettings({ kind, baudRate }: InterfaceSettings, readout: ReadoutSettings): MasterSettings {
  const isDirect = kind === "serial" || kind === "ir";
  return {
    ...defaultMasterSettings,
    baudRate,
    line: isDirect ? "direct" : "network",
    ...(isDirect ? { pauseInFrameMs: serialPauseMs } : {}),
    responseTimeout: readout.responseTimeout,
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

/**
 * Installed meters in the order of their SAP, by bus.
 * @param keys  of meters that encrypt, by meter id
 * @param baudRates  of meters at another rate than their bus, by meter id
 */
export function createPlan(
  meters: readonly MeterRow[],
  keys: ReadonlyMap<number, AesKey> = new Map(),
  baudRates: ReadonlyMap<number, number> = new Map(),
): ReadoutPlan {
  const planned = new Map<number, PlannedMeter>();
  const byBus = new Map<string, PlannedMeter[]>();
  for (const meter of [...meters].sort((one, other) => one.sap - other.sap)) {
    const target = targetOf(meter);
    if (target === undefined) continue;
    const { id: meterId, interfaceName: busName } = meter;
    const plan: PlannedMeter = { meterId, busName, target, key: keys.get(meterId), baudRate: baudRates.get(meterId) };
    planned.set(meter.id, plan);
    byBus.set(meter.interfaceName, [...(byBus.get(meter.interfaceName) ?? []), plan]);
  }
  return { metersOf: (busName) => byBus.get(busName) ?? [], find: (meterId) => planned.get(meterId) };
}

/** With both addresses it is asked by the primary one, and must be the meter of the secondary one. */
function targetOf(meter: MeterRow): MeterTarget | undefined {
  if (meter.primaryAddress !== undefined) {
    const address = meter.primaryAddress;
    if (meter.secondaryAddress === undefined) return { kind: "primary", address };
    return { kind: "primary", address, expected: parseSecondaryAddress(meter.secondaryAddress) };
  }
  if (meter.secondaryAddress !== undefined) {
    const mask = parseSecondaryAddress(meter.secondaryAddress);
    const { fabricationNumber: number } = meter;
    // BCD, least significant byte first.
    const enhanced =
      number === undefined ? {} : { fabricationNumber: Uint8Array.from(Buffer.from(number, "hex")).reverse() };
    return { kind: "secondary", mask, ...enhanced };
  }
  return undefined;
}
