/**
 * The meter list of this gateway: what the store has of it, what the settings file declares, and the keys. The readout
 * and the receivers ask it anew each time, so that a change holds without a restart.
 */
import type { MeterDevice } from "../mapping/index.js";
import { AesKey, parseSecondaryAddress } from "../mbus/index.js";
import type { Clock, Logger } from "../ports/index.js";
import type { WirelessMeter } from "../readout/index.js";
import { KeyRing, type Sealer } from "../services/keys/index.js";
import { type KnownInterface, MeterList, type MeterListParts } from "../services/meter-list/index.js";
import type { MeterSettings, Settings } from "../settings/index.js";
import type { Store } from "../store/index.js";
import type { PlannedMeters } from "./buses.js";

export interface OpenMeterListParts {
  readonly settings: Settings;
  /** Names of receiver groups. */
  readonly groups: ReadonlySet<string>;
  readonly mapping: MeterListParts["mapping"];
  readonly store: Pick<Store, "keys" | "addKeys" | "removeKeys">;
  readonly vault: Sealer;
  /** Most meters that may be active; default: as many as there are. */
  readonly activeLimit?: (() => number | undefined) | undefined;
  readonly usedIn?: MeterListParts["usedIn"] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenMeterList {
  readonly list: MeterList;
  readonly keys: KeyRing;
  /** For the readout's plan. */
  readonly planned: PlannedMeters;
}

export async function openMeterList(parts: OpenMeterListParts): Promise<OpenMeterList> {
  const { settings, groups, mapping, store, vault, clock, logger } = parts;
  const keys = new KeyRing({ store, vault, clock, logger });
  await keys.load();
  const list = new MeterList({
    mapping,
    interfaces: interfacesOf(settings, groups),
    keys,
    logger,
    ...(parts.activeLimit === undefined ? {} : { activeLimit: parts.activeLimit }),
    ...(parts.usedIn === undefined ? {} : { usedIn: parts.usedIn }),
  });
  await takeOver(settings.meters, list, keys, logger);
  const planned: PlannedMeters = {
    on: (busName) => list.activeOn(busName).map(({ row }) => row),
    find: (meterId) => list.device(meterId)?.row,
    keyOf: (meterId) => list.keyOf(meterId),
    keyFor: (meterId, address) => list.keyFor(meterId, address),
  };
  return { list, keys, planned };
}

function interfacesOf({ interfaces }: Settings, groups: ReadonlySet<string>): readonly KnownInterface[] {
  const wired = interfaces.map(({ name, kind, baudRate }): KnownInterface => {
    return { name, kind: "wired", baudRate, canSwitchRate: kind !== "tcp" && kind !== "udp" };
  });
  const wireless = [...groups].map((name): KnownInterface => {
    return { name, kind: "wireless", baudRate: undefined, canSwitchRate: false };
  });
  return [...wired, ...wireless];
}

/**
 * Takes over what the settings file declares: its meters are on the list as it says, whatever was changed meanwhile. One
 * that it names no longer becomes passive and is a meter of the list as any other.
 */
async function takeOver(
  configured: readonly MeterSettings[],
  list: MeterList,
  keys: KeyRing,
  logger: Logger,
): Promise<void> {
  const declared = new Set<MeterDevice>();
  // All at once: the store commits them in groups. Each is looked up before any of them is added.
  const plans = configured.map((settings) => {
    const occupant = list.occupantOf(placeOfSettings(settings));
    const known = occupant === undefined || declared.has(occupant) ? undefined : occupant;
    if (known !== undefined) declared.add(known);
    return { settings, known };
  });
  const devices = await Promise.all(plans.map(({ settings, known }) => takeOne(settings, known, list, logger)));
  for (const [index, device] of devices.entries()) {
    if (device === undefined) continue;
    declared.add(device);
    const key = configured[index]?.key;
    if (key !== undefined) keys.declare(device.row.id, new AesKey(Buffer.from(key.reveal(), "hex")));
  }
  const dropped = [...list.devices()].filter((device) => device.row.isDeclared === true && !declared.has(device));
  await Promise.all(dropped.map((device) => list.update(device, { isDeclared: undefined, isPassive: true })));
  if (dropped.length > 0) logger.info("meters that the settings name no longer are passive", { count: dropped.length });
}

const placeOfSettings = ({ interface: interfaceName, ...address }: MeterSettings) => ({ interfaceName, ...address });

async function takeOne(
  settings: MeterSettings,
  known: MeterDevice | undefined,
  list: MeterList,
  logger: Logger,
): Promise<MeterDevice | undefined> {
  const { interface: interfaceName, position, secondaryAddress, primaryAddress, fabricationNumber } = settings;
  const { baudRate, addressingMode, receiverAddress: receiver } = settings;
  const own = {
    interfaceName,
    position,
    secondaryAddress,
    primaryAddress,
    fabricationNumber,
    baudRate,
    addressingMode,
    receiver,
  };
  if (known === undefined) {
    const outcome = await list.install({ ...own }, { isDeclared: true });
    if (outcome.ok) return outcome.device;
    logger.error("a meter of the settings cannot be installed", {
      interfaceName,
      problem: outcome.problems[0]?.message,
    });
    return undefined;
  }
  const { row } = known;
  // The receiver of a wireless meter and what was left out of the file stay as the list has them.
  const changes = { ...own, receiver: receiver ?? row.receiver, isDeclared: true };
  const isSame = Object.entries(changes).every(([field, value]) => row[field as keyof typeof changes] === value);
  const wasDropped = row.isDeclared !== true && row.isPassive === true;
  if (isSame && !wasDropped) return known;
  await list.update(known, wasDropped ? { ...changes, isPassive: undefined } : changes);
  return known;
}

/** A wireless meter as the receivers know it; its key is that of the moment. Undefined: it is wired, or cannot be heard. */
export function wirelessMeterOf(device: MeterDevice, list: MeterList): WirelessMeter | undefined {
  const { row } = device;
  const { secondaryAddress } = row;
  if (secondaryAddress === undefined || row.isPassive === true) return undefined;
  if (list.placeOf(row.interfaceName)?.kind !== "wireless") return undefined;
  return {
    meterId: row.id,
    group: row.interfaceName,
    mask: parseSecondaryAddress(secondaryAddress),
    get key() {
      return list.keyOf(row.id);
    },
    keyFor: (address) => list.keyFor(row.id, address),
  };
}
