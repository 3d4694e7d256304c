/** Logical devices by SAP, by name and by alias, in order of SAP: 100,000 of them. */
import type { LogicalDevice } from "./contract.js";

export interface DeviceDirectory {
  /** By name, `gateway` (the first management device) or `sap<number>`. */
  byName(name: string): LogicalDevice | undefined;
  bySap(sap: number): LogicalDevice | undefined;
  all(): Iterable<LogicalDevice>;
  count(): number;
  /** @throws RangeError when the SAP or the name is taken, or the name has more than 16 octets */
  add(device: LogicalDevice): void;
  /** False where it was not in. */
  remove(device: LogicalDevice): boolean;
  /** @throws RangeError when it is not in, or its present name is another's */
  renamed(device: LogicalDevice): void;
}

const alias = /^sap(\d{1,5})$/;

export function createDeviceDirectory(): DeviceDirectory {
  const devices: LogicalDevice[] = [];
  /** The name under which devices[i] is to be found. */
  const names: string[] = [];
  const bySap = new Map<number, LogicalDevice>();
  const byName = new Map<string, LogicalDevice>();

  /** Where `sap` stands or belongs. */
  function position(sap: number): number {
    let low = 0;
    let high = devices.length;
    // Devices come in order of SAP at start: look at the end first.
    if (high > 0 && (devices[high - 1]?.sap ?? 0) < sap) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((devices[middle]?.sap ?? 0) < sap) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function claim(name: string, device: LogicalDevice): void {
    const reserved = name === "gateway" || (alias.test(name) && name !== `sap${device.sap}`);
    if (name === "" || /[/\s]/.test(name) || name.length > 16) throw new RangeError(`not a device name: "${name}"`);
    if (reserved || byName.has(name)) throw new RangeError(`the device name "${name}" is taken`);
    byName.set(name, device);
  }

  return {
    byName(name) {
      const device = byName.get(name);
      if (device !== undefined) return device;
      if (name === "gateway") return devices.find((candidate) => candidate.kind === "management");
      const match = alias.exec(name);
      return match === null ? undefined : bySap.get(Number(match[1]));
    },
    bySap: (sap) => bySap.get(sap),
    all: () => devices,
    count: () => devices.length,
    add(device) {
      if (bySap.has(device.sap)) throw new RangeError(`SAP ${device.sap} is taken`);
      claim(device.name, device);
      bySap.set(device.sap, device);
      const index = position(device.sap);
      devices.splice(index, 0, device);
      names.splice(index, 0, device.name);
    },
    remove(device) {
      const index = position(device.sap);
      if (devices[index] !== device) return false;
      devices.splice(index, 1);
      byName.delete(names.splice(index, 1)[0] ?? "");
      bySap.delete(device.sap);
      return true;
    },
    renamed(device) {
      const index = position(device.sap);
      if (devices[index] !== device) throw new RangeError(`SAP ${device.sap} is not registered`);
      const former = names[index];
      if (former === undefined || former === device.name) return;
      claim(device.name, device);
      byName.delete(former);
      names[index] = device.name;
    },
  };
}
