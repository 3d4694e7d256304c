export type { LogEntry, LogPage, LogQuery, LogService, LogTextRow } from "./contract.js";
export { createLogService, newestLines } from "./log-service.js";
export {
  type CosemLogEvent,
  mostCosemEvents,
  type NewLogEntry,
  SystemLog,
  type SystemLogParts,
} from "./system-log.js";
export { logTextId, logTexts, meterStatusTextId, textIdOf, wordsOf } from "./texts.js";
