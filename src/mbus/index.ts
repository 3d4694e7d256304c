/** M-Bus core (EN 13757): the face of src/mbus to its neighbours. Application layer first, link layer below. */
export { DecodeError } from "../../cosem/codec/bytes.js";
export {
  applicationErrorWords,
  MeterApplicationError,
} from "./application/application-error.js";
export { Coding } from "./application/coding.js";
export { type ExpandedProfile, expandProfile, type ProfileEntry } from "./application/compact-profile.js";
export { type ControlInformation, controlInformation } from "./application/control-information.js";
export { decodeApplication, decodeHeader } from "./application/decode.js";
export { encodeLongHeader, encodeRecord, type LongHeader, type RecordToEncode } from "./application/encode.js";
export { encodeRecordValue, type ValuePlace } from "./application/encode-values.js";
export { type FabricationProof, provesFabricationNumber } from "./application/fabrication-number.js";
export {
  compileLayout,
  type Layout,
  type LayoutSlot,
  locateManufacturerData,
  locateSlot,
  matchesLayout,
  type PayloadHeader,
  readHeader,
  readSlot,
  readSlots,
  type SlotPlace,
  shapeOf,
  slotIdentity,
} from "./application/layout.js";
export { manufacturerCode, manufacturerLetters, mediumName } from "./application/names.js";
export { packPayload, unpackPayload } from "./application/payload.js";
export { isCompactProfile, isUnreadable } from "./application/records.js";
export * from "./explain/index.js";
export * from "./link/index.js";
export * from "./receivers/index.js";
export type {
  DataRecord,
  DecodedTelegram,
  MeterHeader,
  RecordFault,
  RecordFunction,
  RecordValue,
  ValueInformation,
} from "./record.js";
export * from "./wireless/index.js";
