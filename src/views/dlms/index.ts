/** DLMS/COSEM over TCP: GET, SET and ACTION with logical-name referencing. */
export { createDlmsView, type DlmsView } from "./dlms-view.js";
export { actionResultFor, dataAccessResultFor } from "./errors.js";
export {
  createFailedAssociations,
  defaultFailedAssociationLimits,
  type FailedAssociations,
} from "./failed-associations.js";
export { createHdlcView, type HdlcView, type HdlcViewParts } from "./hdlc-view.js";
export { createOpticalChannel, type OpticalChannel, type OpticalChannelParts } from "./optical-channel.js";
export { type DlmsClient, type DlmsLimits, type DlmsViewParts, defaultDlmsLimits } from "./options.js";
export {
  createRefusalCounters,
  type RefusalCount,
  type RefusalCounters,
  type RefusedThing,
} from "./refusal-counters.js";
