import { parseAddress } from "../model/address.js";
import type { LogicalName } from "../model/logical-name.js";
import type { AttributeTarget, LogicalDevice, Registry } from "./contract.js";

export interface ObjectTarget {
  readonly device: LogicalDevice;
  readonly logicalName: LogicalName;
  readonly classId: number | undefined;
}

/**
 * What `<device>/<OBIS>/<attribute>` names, ready for read() and write(); undefined when it is not an attribute's
 * address or no device has this name. Whether the object exists is read()'s answer.
 */
export function resolveAddress(registry: Registry, text: string): AttributeTarget | undefined {
  const address = parseAddress(text);
  const device = address && registry.device(address.device);
  if (device === undefined || address?.attributeIndex === undefined) return undefined;
  const { logicalName, classId, attributeIndex } = address;
  return { device, logicalName, classId, attributeIndex };
}

/** The same for an object's address `<device>/<OBIS>`; an attribute in it is ignored. */
export function resolveObjectAddress(registry: Registry, text: string): ObjectTarget | undefined {
  const address = parseAddress(text);
  const device = address && registry.device(address.device);
  if (address === undefined || device === undefined) return undefined;
  return { device, logicalName: address.logicalName, classId: address.classId };
}
