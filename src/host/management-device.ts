import {
  type CosemObject,
  createLogicalDevice,
  createObject,
  createSapAssignment,
  type Data,
  DataClass,
  encodeData,
  type LogicalDevice,
  logicalName,
  nullData,
  type Registry,
  refused,
} from "../../cosem/index.js";
import type { SecurityObjects } from "./security-objects.js";

export interface ManagementDeviceParts {
  readonly registry: Registry;
  readonly clock: CosemObject;
  /** Three letters and eight digits, e.g. `XXX00000001`. */
  readonly logicalDeviceName: string;
  readonly firmwareVersion: string;
  readonly securityObjects: SecurityObjects;
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
      parts.securityObjects.currentAssociation,
      ...parts.securityObjects.associations,
      ...parts.securityObjects.setups,
      parts.clock,
      value("1-0:0.2.0*255", octets(parts.firmwareVersion)),
      createTestObject(),
    ],
  });
}

const longestTestValue = 256;

/** What a head-end writes here it reads back, to try SET without touching anything else; forgotten at the end. */
function createTestObject(): CosemObject {
  let kept: Data = nullData;
  return createObject(DataClass, logicalName("0-0:96.1.4*255"), {
    attributes: {
      value: {
        get: () => kept,
        set: (value) => {
          if (encodeData(value).length > longestTestValue) return refused.scopeOfAccessViolated;
          kept = value;
          return undefined;
        },
      },
    },
  });
}
