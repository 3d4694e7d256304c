/** Virtual meters on virtual buses, for the demo and for tests. */
export { type AnswerNotice, createSimulatedBus, type SimulatedBus, type SimulatedBusParts } from "./bus.js";
export { type DemoBus, demoBuses } from "./demo.js";
export { createSimulatedMeter, type SimulatedMeter, type SimulatedMeterSpec } from "./meter.js";
export {
  createSimulatedReceiver,
  type SimulatedReceiver,
  type SimulatedReceiverParts,
  type SimulatedWirelessMeter,
} from "./receiver.js";
export { type SourceTelegram, type SourceTelegramName, sourceTelegrams } from "./telegrams.js";
export { encodeWirelessTelegram, type TelegramToSend, type WirelessSecurityKind } from "./wireless-telegram.js";
