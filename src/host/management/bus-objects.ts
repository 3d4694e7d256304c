/** The wired M-Buses as M-Bus master port setups (class 74), read-only: their speed is a setting. */
import {
  type CosemObject,
  communicationSpeedOf,
  createMbusMasterPortSetup,
  type LogicalName,
  logicalName,
} from "../../../cosem/index.js";
import type { InterfaceSettings } from "../../settings/index.js";

/** Value group B ends at 64. */
const mostPorts = 64;

/** 0-b:24.6.0*255 by interface name, b in the order of the settings from 1; further interfaces have none. */
export function portNamesOf(interfaces: readonly Pick<InterfaceSettings, "name">[]): ReadonlyMap<string, LogicalName> {
  return new Map(
    interfaces.slice(0, mostPorts).map(({ name }, index) => [name, logicalName(`0-${index + 1}:24.6.0*255`)]),
  );
}

export function createBusObjects(interfaces: readonly InterfaceSettings[]): readonly CosemObject[] {
  const names = portNamesOf(interfaces);
  return interfaces.flatMap(({ name, baudRate }) => {
    const port = names.get(name);
    const commSpeed = communicationSpeedOf(baudRate);
    if (port === undefined || commSpeed === undefined) return [];
    return [createMbusMasterPortSetup({ logicalName: port, values: () => ({ commSpeed }) })];
  });
}
