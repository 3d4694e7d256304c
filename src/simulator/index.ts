/** Virtual meters on virtual buses, for the demo and for tests. */
export { type AnswerNotice, createSimulatedBus, type SimulatedBus, type SimulatedBusParts } from "./bus.js";
export { type DemoBus, demoBuses } from "./demo.js";
export { checkFaultNames, type Fault, type FaultKind, faultKinds, readFaultScript } from "./fault-script.js";
export { type FaultParts, Faults } from "./faults.js";
export { generatedMeters } from "./generated.js";
export { createSimulatedMeter, type SimulatedMeter, type SimulatedMeterSpec } from "./meter.js";
export {
  createSimulatedAir,
  createSimulatedReceiver,
  type SimulatedReceiver,
  type SimulatedReceiverParts,
  type SimulatedReceiverType,
  type SimulatedWirelessMeter,
  simulatedReceiverTypes,
} from "./receiver.js";
export { type SourceTelegram, type SourceTelegramName, sourceTelegrams } from "./telegrams.js";
export { encodeWirelessTelegram, type TelegramToSend, type WirelessSecurityKind } from "./wireless-telegram.js";
