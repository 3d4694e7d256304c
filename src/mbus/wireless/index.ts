/** Wireless M-Bus (EN 13757-4, -7): frames, layers, keys, compact frames. */
export { type WirelessAddress, wirelessAddressOf } from "./address.js";
export { AesKey, applyCtr, blockBytes, cmac, derivation, deriveKey } from "./aes.js";
export { crc16 as wirelessCrc } from "./crc.js";
export { decodeWireless, type HeardTelegram, inspectWireless, type WirelessOptions } from "./decode.js";
export { RememberedFormats } from "./formats.js";
export {
  decodeWirelessFrame,
  encodeWirelessFrame,
  type FrameFormat,
  type FrameToEncode,
  type WirelessFrame,
} from "./frame.js";
export type { KeyLookup, KeyUse } from "./keys.js";
export { defaultReassemblyLimits, FragmentReassembler, type ReassemblyLimits } from "./reassembly.js";
export type {
  WirelessCounters,
  WirelessFormat,
  WirelessFragment,
  WirelessLink,
  WirelessResult,
  WirelessSecurity,
  WirelessTelegram,
} from "./result.js";
export { isSecured, type OpenedTelegram, openWired, type WiredOpening } from "./wired.js";
