/** Readouts: read now, how each one went, who holds which bus, commands to meters. */
export type * from "./contract.js";
export { ReadoutRecorder } from "./readout-recorder.js";
export {
  createReadoutService,
  type MeterPlace,
  type ReadoutEngine,
  type ReadoutServiceParts,
} from "./readout-service.js";
