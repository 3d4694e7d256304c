import type { LogicalName } from "../model/logical-name.js";
import type { CosemObject, LogicalDevice } from "./contract.js";

export interface LogicalDeviceParts {
  /** At most 16 octets, without blanks or `/`. */
  readonly name: string;
  readonly sap: number;
  readonly kind: LogicalDevice["kind"];
  /** In the order in which object_list shows them. */
  readonly objects: readonly CosemObject[];
}

/**
 * A logical device with a fixed list of objects, such as the management device.
 * @throws RangeError when two objects share class and logical name
 */
export function createLogicalDevice(parts: LogicalDeviceParts): LogicalDevice {
  const { name, sap, kind, objects } = parts;
  const byName = new Map<LogicalName, CosemObject[]>();
  for (const object of objects) {
    const sameName = byName.get(object.logicalName) ?? [];
    const { classId } = object.interfaceClass;
    if (sameName.some((other) => other.interfaceClass.classId === classId)) {
      throw new RangeError(`${name}: ${classId}:${object.logicalName} twice`);
    }
    byName.set(object.logicalName, [...sameName, object]);
  }
  return {
    name,
    sap,
    kind,
    find(logicalName, classId) {
      const sameName = byName.get(logicalName);
      if (sameName === undefined) return undefined;
      if (classId === undefined) return sameName[0];
      return sameName.find((object) => object.interfaceClass.classId === classId);
    },
    objects: () => objects,
  };
}
