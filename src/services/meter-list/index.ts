/** The meter list. */
export { checkMeter, type KnownInterface } from "./check-meter.js";
export type * from "./contract.js";
export { type ListingParts, listingOf } from "./listing.js";
export { MeterList, type MeterListParts } from "./meter-list.js";
export { createMeterListService } from "./meter-list-service.js";
export { addressParts, writtenAddress } from "./written-address.js";
