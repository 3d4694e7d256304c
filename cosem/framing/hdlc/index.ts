/** The HDLC data link layer of IEC 62056-46: frames, stream decoder, server and client. No input or output of its own. */
export * from "./address.js";
export { createHdlcClient, type HdlcClient, type HdlcClientEvent, type HdlcClientOptions } from "./client.js";
export type { HdlcControl, HdlcFrameKind } from "./control.js";
export { createHdlcDecoder, type HdlcDecoder, type HdlcReceived } from "./decoder.js";
export {
  decodeHdlcFrame,
  encodeHdlcFrame,
  type HdlcFault,
  type HdlcFrame,
  hdlcFlag,
  maxFrameLength,
  type OutgoingHdlcFrame,
} from "./frame.js";
export { llcLength, withLlc, withoutLlc } from "./llc.js";
export {
  createOpticalStart,
  firstOpticalBaudRate,
  type OpticalBaudRate,
  type OpticalStart,
  type OpticalStartEvent,
  type OpticalStartOptions,
  opticalBaudRates,
} from "./optical-start.js";
export { defaultHdlcParameters, type HdlcParameters, hdlcLimits } from "./parameters.js";
export {
  createHdlcServer,
  type HdlcLinkEnd,
  type HdlcServer,
  type HdlcServerEvent,
  type HdlcServerOptions,
} from "./server.js";
