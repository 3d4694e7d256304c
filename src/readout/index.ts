/** Who is read when, and who holds which bus. */
export { type ArbiterState, BusArbiter, type BusClaim, type BusLease, busPriority } from "./arbiter.js";
export { type ClockTrustParts, createReadingClock, type ReadingClock } from "./clock-trust.js";
export type { ContinuousState } from "./continuous.js";
export * from "./contract.js";
export { type BusState, createReadout, type Readout, type ReadoutParts } from "./readout.js";
export type {
  FoundOnBus,
  SearchEnd,
  SearchMode,
  SearchProgress,
  SearchReport,
  SearchRequest,
} from "./search.js";
export { openedAnswer } from "./secured-telegrams.js";
export * from "./wireless/index.js";
