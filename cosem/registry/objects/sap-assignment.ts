import { SapAssignment, sapAssignmentElement } from "../../classes/index.js";
import { logicalName } from "../../model/logical-name.js";
import { arrayOrStream } from "../array-stream.js";
import type { CosemObject, LogicalDevice, Registry } from "../contract.js";
import { createObject } from "../object.js";

const toElement = (device: LogicalDevice) =>
  sapAssignmentElement.toData({ sap: device.sap, logicalDeviceName: device.name });

/** 0-0:41.0.0*255: the registry's devices as they are at the moment of reading, in order of SAP. */
export function createSapAssignment(registry: Registry): CosemObject {
  return createObject(SapAssignment, logicalName("0-0:41.0.0*255"), {
    attributes: {
      sapAssignmentList: {
        getData: () => ({ ok: true, value: arrayOrStream([...registry.devices()], toElement) }),
      },
    },
  });
}
