/**
 * The readout and the reports as COSEM has jobs: Script tables whose scripts start them, and Single action schedules that
 * say when the scheduler does. When is a setting's, so the schedules are read-only; a pattern that needs more than 64
 * entries shows none. The scripts' actions are ours, no attribute or method of an object: their lists are empty.
 */
import {
  type CosemObject,
  createObject,
  createSingleActionSchedule,
  type LocalTimeAt,
  type LogicalName,
  logicalName,
  type Refused,
  refused,
  ScriptTable,
  type ScriptTableObject,
  type SingleActionScheduleParts,
} from "../../../cosem/index.js";
import type { Pattern } from "../../scheduler/index.js";
import { executionTimesOf, scheduleTypeOf } from "./execution-times.js";

/** One job, with the pattern it runs by; undefined: it is switched off. */
export interface ScheduledJob {
  readonly pattern: Pattern | undefined;
  /** Starts it now and does not wait; a refusal: it cannot be started. */
  run(): undefined | Refused;
}

export interface JobObjectsParts {
  readonly readout: ScheduledJob;
  readonly reports: readonly ScheduledJob[];
  readonly localTimeAt: LocalTimeAt;
}

const readoutScripts = logicalName("0-0:10.0.110*255");
const reportScripts = logicalName("0-0:10.0.108*255");
/** Value group B ends at 64: further reports have a script and no schedule. */
const mostSchedules = 64;

export function createJobObjects({ readout, reports, localTimeAt }: JobObjectsParts): readonly CosemObject[] {
  const readoutTable = createJobScripts(readoutScripts, [readout]);
  const reportTable = createJobScripts(reportScripts, reports);
  const schedule = (name: string, table: ScriptTableObject, scriptSelector: number, job: ScheduledJob) => {
    const executionTime = job.pattern === undefined ? [] : executionTimesOf(job.pattern);
    const scripts: SingleActionScheduleParts["scripts"] = { run: () => job.run() };
    return createSingleActionSchedule({
      logicalName: logicalName(name),
      executedScript: { scriptLogicalName: table.logicalName, scriptSelector },
      type: scheduleTypeOf(executionTime),
      executionTime,
      localTimeAt,
      scripts,
    });
  };
  return [
    readoutTable,
    schedule("0-0:15.0.6*255", readoutTable, 1, readout),
    reportTable,
    ...reports
      .slice(0, mostSchedules)
      .map((report, index) => schedule(`0-${index}:15.0.4*255`, reportTable, index + 1, report)),
  ];
}

/** Script n starts job n, counted from 1; 0 is none. */
function createJobScripts(name: LogicalName, jobs: readonly ScheduledJob[]): ScriptTableObject {
  const run = (identifier: number): undefined | Refused => {
    if (identifier === 0) return undefined;
    const job = jobs[identifier - 1];
    return job === undefined ? refused.scopeOfAccessViolated : job.run();
  };
  const object = createObject(ScriptTable, name, {
    attributes: { scripts: jobs.map((_, index) => ({ scriptIdentifier: index + 1, actions: [] })) },
    methods: { execute: run },
  });
  return { ...object, run };
}
