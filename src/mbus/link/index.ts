/** The wired link layer's face: frames, stream decoder, and both sides of the dialogue. */
export * from "./commands.js";
export * from "./control-field.js";
export {
  decodeLinkFrame,
  encodeAck,
  encodeLinkFrame,
  encodeLongFrame,
  encodeShortFrame,
  type LinkFrame,
  maxApplicationBytes,
  maxFrameBytes,
} from "./frame.js";
export { LinkMaster } from "./master.js";
export type { JobEffort, LinkMasterParts, MasterEvent } from "./master-event.js";
export type { LinkCommand, TelegramSettings } from "./master-job.js";
export * from "./readout-outcome.js";
export { ResponseTimes } from "./response-times.js";
export * from "./search.js";
export type { SearchNode } from "./search-mask.js";
export * from "./search-primary.js";
export * from "./secondary-address.js";
export { LinkSlave, type SlaveAnswer, type SlaveMeter } from "./slave.js";
export { type LinkListener, LinkStreamDecoder } from "./stream.js";
export * from "./timing.js";
