import {
  type CosemObject,
  channelSelectionName,
  createObject,
  DataClass,
  logicalName,
  refused,
  types,
} from "../../../cosem/index.js";

/**
 * 0-128:1.0.0*255, for every logical device: the SAP that requests go to. Written, it sends all further requests of this
 * association there, until it ends (PRODUCT.md, E7); what else came in the same request still goes to the old one.
 */
export function createChannelSelection(): CosemObject {
  return createObject(DataClass, logicalName(channelSelectionName), {
    attributes: {
      value: {
        get: ({ device }) => types.longUnsigned.toData(device.sap),
        set(value, { principal }) {
          const sap = types.longUnsigned.fromData(value);
          if (principal.selectDevice === undefined) return refused.readWriteDenied;
          return principal.selectDevice(sap) ? undefined : refused.scopeOfAccessViolated;
        },
      },
    },
  });
}
