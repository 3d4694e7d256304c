/** The M-Bus core's face: link frames and dialogue, records and their values (EN 13757-2, EN 13757-3). */
export * from "./link/index.js";
export * from "./record.js";
