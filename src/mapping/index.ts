/** Face of mapping: from committed telegrams to objects that the registry serves. */
export { type ChannelView, createChannelView } from "./channel-view.js";
export { checkMaps } from "./check-maps.js";

export { isConvertedUnit } from "./cosem-unit.js";
export {
  createEventLogObjects,
  type EventLogNames,
  fraudLog,
  standardLog,
} from "./event-log.js";
export type { CompletedReadout, Ingest, KeptReading, ReadoutOutcome } from "./ingest.js";
export type { MappingStore, NewMeter } from "./installation.js";
export { MeterKind } from "./kind.js";
export type { KindObject } from "./kind-object.js";
export { type LoadedMap, type LoadedMaps, loadMaps, parseMap, shippedMapFolder } from "./load-maps.js";
export type { LoggedEvent } from "./logged-event.js";
export type { MapProblem } from "./map-schema.js";
export {
  createMapping,
  firstMeterSap,
  type Mapping,
  type MappingParts,
} from "./mapping.js";
export { MeterDevice } from "./meter-device.js";
export { type MeterIdentity, meterIdentityOf } from "./meter-identity.js";
export { joinedQualityOf } from "./meter-objects.js";
export type { LastReadout, MeterView, NewestReading, ReceivedBytes } from "./meter-view.js";
export { statusText } from "./meter-view.js";
export { nameObject, type ObjectName } from "./object-naming.js";
export { type QualityLimits, quality, storedQualityOf } from "./quality.js";
export { nameRecords, readManufacturerData } from "./record-names.js";
export { isAskedByPrimary, type MeterPlace, placeKeyOf } from "./retired-meters.js";
export { type MeterLog, type MeterReception, type MeterServing, noPort, type ServedMeter } from "./serving.js";
