export type { ByteChannel, ByteListener } from "./byte-channel.js";
export type { Clock } from "./clock.js";
export type * from "./clock-trust.js";
export type * from "./history-store.js";
export type { Logger } from "./logger.js";
export type * from "./meter-list-store.js";
export * from "./reading-store.js";
export type * from "./readout-records.js";
export type * from "./reception.js";
