export { offsetAt } from "./local-time.js";
export { nextRun } from "./next-run.js";
export { type ParsedPattern, type Pattern, type PatternFields, parsePattern } from "./pattern.js";
export { createScheduler, type Job, type JobStatus, type Scheduler, type SchedulerOptions } from "./scheduler.js";
