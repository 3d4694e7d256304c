import { pino } from "pino";
import type { Logger } from "../ports/index.js";

/** Structured lines on stderr. @param level one of pino's: debug, info, warn, error, silent */
export function createLogger(level: string): Logger {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
