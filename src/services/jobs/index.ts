/** Jobs: the list that runs them and the service that shows them. */
export type * from "./contract.js";
export { createJobList, type FollowingDefinition, type JobList } from "./job-list.js";
export { createJobService } from "./job-service.js";
export type { JobsParts, JobTimetable, Patterns } from "./parts.js";
