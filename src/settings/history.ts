/** Settings of the kept history. */
import { count, group } from "./kinds.js";

export const history = group(
  {
    keepDays: count({
      default: 0,
      min: 0,
      max: 36_525,
      restart: true,
      help: "Readings older than so many days are removed; 0: kept as long as there is room.",
      logicalName: "0-128:97.12.1*255",
    }),
    minFreeMegabytes: count({
      default: 256,
      min: 0,
      max: 1_000_000,
      restart: true,
      help: "While less room than this is free for the database, the oldest readings are removed; 0: never.",
      logicalName: "0-128:97.12.2*255",
    }),
    rawTelegrams: count({
      default: 10,
      min: 0,
      max: 1000,
      restart: true,
      help: "So many telegrams of each meter are kept as they were received; 0: none.",
      logicalName: "0-128:97.12.3*255",
    }),
    readoutRecords: count({
      default: 200_000,
      min: 0,
      max: 10_000_000,
      restart: true,
      help: "So many records of how readouts went are kept, of all meters together; the oldest go first.",
      logicalName: "0-128:97.12.4*255",
    }),
  },
  "The kept readings.",
);
