export { aimedBytesPerReading, capacityOf, forecastOf } from "./capacity.js";
export type * from "./contract.js";
export { createHistoryService, type HistoryServiceParts } from "./history-service.js";
