import { isAskedByPrimary } from "../mapping/index.js";
import {
  type AesKey,
  defaultMasterSettings,
  type MasterSettings,
  type MeterTarget,
  parseSecondaryAddress,
  type SecondaryAddress,
  type TelegramSettings,
} from "../mbus/index.js";
import type { ByteChannel, MeterMbusSettings, MeterRow } from "../ports/index.js";
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

/** The meters as the list has them at the moment. */
export interface PlannedMeters {
  /** Active ones, in the order of their SAP. */
  on(busName: string): readonly MeterRow[];
  find(meterId: number): MeterRow | undefined;
  /** Opens what the meter encrypts. */
  keyOf(meterId: number): AesKey | undefined;
  /** The same by the address in an answer, of a meter that is not known well enough. */
  keyFor(meterId: number, address: SecondaryAddress): AesKey | undefined;
}

/** Asked anew at each cycle: a meter that comes, changes or goes does so at the next one. */
export function createPlan(meters: PlannedMeters): ReadoutPlan {
  const planned = (row: MeterRow): readonly PlannedMeter[] => {
    const target = targetOf(row);
    if (target === undefined) return [];
    const { id: meterId, interfaceName: busName, mbus, baudRate } = row;
    const own = mbus === undefined ? {} : { telegrams: telegramSettingsOf(mbus) };
    const keyFor = (address: SecondaryAddress) => meters.keyFor(meterId, address);
    const name = row.logicalDeviceName ?? `sap${row.sap}`;
    return [{ meterId, name, busName, target, key: meters.keyOf(meterId), keyFor, baudRate, ...own }];
  };
  return {
    metersOf: (busName) => meters.on(busName).flatMap(planned),
    find(meterId) {
      const row = meters.find(meterId);
      return row && planned(row)[0];
    },
  };
}

/** Without what is as on the bus: undefined would take its place. */
function telegramSettingsOf(own: MeterMbusSettings): TelegramSettings {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
}

/** With both addresses it is asked by the primary one unless its mode says otherwise, and must be the meter of the secondary one. */
function targetOf(meter: MeterRow): MeterTarget | undefined {
  if (meter.primaryAddress !== undefined && isAskedByPrimary(meter)) {
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
