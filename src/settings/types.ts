/** The types of the settings: all that views and services may know of them. */
export type { DoorSettings, ReadoutSettings, ReceiverSettings, ReportSettings, Settings } from "./schema.js";
