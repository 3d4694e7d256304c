/** Measurement series. */
export * from "./contract.js";
export { ExpressionError } from "./expression.js";
export type { Zone } from "./periods.js";
export { type ComputedSeries, createSeriesService, type DefinitionStore, mostDefinitions } from "./series-service.js";
