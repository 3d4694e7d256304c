/** Meters as people know them. */
export type * from "./contract.js";
export { createMeterService, type MeterServiceParts } from "./meter-service.js";
