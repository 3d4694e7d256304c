/** The jobs of a gateway: the list with its timetable, and what each of them does. */

export { registerAutoConfiguration } from "./auto-configuration.js";
export { createConfigurationFiles } from "./configuration-file.js";
export { registerHousekeeping } from "./housekeeping.js";
export { checkedPattern, createJobs, type Jobs } from "./jobs.js";
export { createReadoutJobs, type ReadoutJobs, reportJob } from "./readout-jobs.js";
export { registerTimeSync } from "./time-sync.js";
