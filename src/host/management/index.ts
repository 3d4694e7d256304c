/** The management logical device, and what the devices of meters share with it. */
export { createChannelSelection } from "./channel-selection.js";
export { createTimeSetter } from "./clock-port.js";
export { createFirmwareSignature } from "./firmware.js";
export { createGatewayEvents, gatewayEvent } from "./gateway-events.js";
export { otherJobs } from "./job-objects.js";
export { createKeptWrites } from "./kept-writes.js";
export { createManagementDevice } from "./management-device.js";
export type { MeterActions } from "./mbus-actions.js";
export { createMeterServing, type MeterSurroundings } from "./meter-serving.js";
export { createPushSending } from "./push-sending.js";
export { readOnly } from "./read-only.js";
export { recordedFailures } from "./recorded-failures.js";
export { scheduledJob } from "./scheduled-jobs.js";
export { createSettingObjects } from "./setting-objects.js";
