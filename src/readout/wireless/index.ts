/** Receivers, what they hear, and the cycle that takes the newest of it. */
export { meterNameOf } from "./address-filter.js";
export { joinCycles } from "./joint-cycle.js";
export type * from "./radio-receiver.js";
export { ReceptionList } from "./reception-list.js";
export type { WirelessMeter } from "./wireless-meters.js";
export {
  createWirelessReadout,
  type WirelessReadout,
  type WirelessReadoutParts,
  type WirelessSettings,
} from "./wireless-readout.js";
