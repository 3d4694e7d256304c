/** Face of the COSEM library: codec, model, services, associations, registry. Usable without the gateway. */

export * from "./apdu/index.js";
export * from "./association/index.js";
export * from "./classes/index.js";
export * from "./codec/axdr.js";
export * from "./codec/bytes.js";
export * from "./codec/data.js";
export * from "./framing/hdlc/index.js";
export * from "./framing/wrapper.js";
export * from "./model/address.js";
export * from "./model/cosem-date-time.js";
export * from "./model/float32.js";
export * from "./model/interface-class.js";
export * from "./model/logical-name.js";
export * from "./model/object-identifier.js";
export * from "./model/scaler-unit.js";
export { type ShortNameLayout, type ShortNameMember, shortNameLayout } from "./model/short-name-layout.js";
export * as types from "./model/types.js";
export * from "./registry/index.js";
export * from "./security/index.js";
