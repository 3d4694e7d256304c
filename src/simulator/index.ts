/** Virtual meters on virtual buses, for the demo and for tests. */
export { type AnswerNotice, createSimulatedBus, type SimulatedBus, type SimulatedBusParts } from "./bus.js";
export { type DemoBus, demoBuses } from "./demo.js";
export { createSimulatedMeter, type SimulatedMeter, type SimulatedMeterSpec } from "./meter.js";
export { type SourceTelegram, type SourceTelegramName, sourceTelegrams } from "./telegrams.js";
