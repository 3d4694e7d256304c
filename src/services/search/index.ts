/** Search for meters. */
export type * from "./contract.js";
export { type BusReport, type BusSearcher, MeterSearch, type MeterSearchParts } from "./meter-search.js";
export { createSearch, type SearchRunner, type SearchServiceParts, searchJob } from "./search-service.js";
