import {
  type Association,
  createAssociationObject,
  createClock,
  createLogicalDevice,
  createObject,
  createSapAssignment,
  type Data,
  DataClass,
  type LogicalDevice,
  logicalName,
  type Registry,
} from "../../cosem/index.js";
import type { Clock } from "../ports/index.js";
import type { LocalTime } from "./local-time.js";

export interface ManagementDeviceParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly localTimeAt: (instant: number) => LocalTime;
  /** Three letters and eight digits, e.g. `XXX00000001`. */
  readonly logicalDeviceName: string;
  readonly firmwareVersion: string;
  /** The clients' associations by value group E of their objects 0-0:40.0.e. */
  readonly clients: ReadonlyMap<number, Association>;
}

const managementSap = 1;

/** SAP 1: who the gateway is, what time it has, and which logical devices it holds. */
export function createManagementDevice(parts: ManagementDeviceParts): LogicalDevice {
  const octets = (text: string): Data => ({ type: "octet-string", value: new TextEncoder().encode(text) });
  const value = (name: string, data: Data) =>
    createObject(DataClass, logicalName(name), { attributes: { value: data } });
  return createLogicalDevice({
    name: parts.logicalDeviceName,
    sap: managementSap,
    kind: "management",
    objects: [
      value("0-0:42.0.0*255", octets(parts.logicalDeviceName)),
      createSapAssignment(parts.registry),
      createAssociationObject(),
      ...[...parts.clients].map(([instance, association]) => createAssociationObject({ instance, association })),
      createClock({ now: () => parts.clock.now(), localTimeAt: parts.localTimeAt }),
      value("1-0:0.2.0*255", octets(parts.firmwareVersion)),
    ],
  });
}
