/**
 * The jobs as COSEM has them: Script tables whose scripts start them, and Single action schedules that say when they
 * run. What is written to a schedule is the job's schedule from then on, for every door; a pattern that needs more than
 * 64 entries shows none. The scripts' actions are ours, no attribute or method of an object: their lists are empty.
 */
import {
  type Answer,
  type CosemObject,
  createObject,
  type Data,
  type ExecutionTime,
  isExecutionTime,
  type LogicalDevice,
  type LogicalName,
  logicalName,
  type Refused,
  refused,
  type ScheduleType,
  ScriptTable,
  type ScriptTableObject,
  SingleActionSchedule,
  scriptService,
} from "../../../cosem/index.js";
import { executionTimesOf, patternTextOf, scheduleTypeOf } from "./execution-times.js";
import type { PushScript } from "./push-objects.js";
import type { ScheduledJob } from "./scheduled-jobs.js";

export interface JobObjectsParts {
  readonly readout: ScheduledJob;
  readonly reports: readonly ScheduledJob[];
  /** The gateway's other jobs, in the order of `otherJobs`. */
  readonly others: readonly ScheduledJob[];
  /** Push setups that go out over DLMS: further scripts of the reports' table. */
  readonly pushes: readonly PushScript[];
}

/** Their place is their number for good: script n + 1 and schedule 0-128:15.0.n. */
export const otherJobs = ["timesync", "maintenance", "autoconfiguration", "backup", "search"] as const;

const readoutScripts = logicalName("0-0:10.0.110*255");
const reportScripts = logicalName("0-0:10.0.108*255");
const otherScripts = logicalName("0-128:10.0.0*255");
/** Value group B ends at 64: further reports have a script and no schedule. */
const mostSchedules = 64;
const mostTimes = 64;

export function createJobObjects({ readout, reports, others, pushes }: JobObjectsParts): readonly CosemObject[] {
  const readoutTable = createJobScripts(readoutScripts, [readout]);
  const reportTable = createJobScripts(reportScripts, reports, pushes);
  const otherTable = createJobScripts(otherScripts, others);
  return [
    readoutTable,
    createJobSchedule("0-0:15.0.6*255", readoutTable, 1, readout),
    reportTable,
    ...reports
      .slice(0, mostSchedules)
      .map((report, index) => createJobSchedule(`0-${index}:15.0.4*255`, reportTable, index + 1, report)),
    otherTable,
    ...others.map((job, index) => createJobSchedule(`0-128:15.0.${index}*255`, otherTable, index + 1, job)),
  ];
}

function createJobSchedule(
  name: string,
  table: ScriptTableObject,
  scriptSelector: number,
  job: ScheduledJob,
): CosemObject {
  /** As it was written, for those who read it back: the entries alone decide. */
  let writtenType: ScheduleType | undefined;
  const times = (): readonly ExecutionTime[] => {
    const pattern = job.pattern();
    return pattern === undefined ? [] : executionTimesOf(pattern);
  };
  return createObject(SingleActionSchedule, logicalName(name), {
    attributes: {
      executedScript: { get: () => ({ scriptLogicalName: table.logicalName, scriptSelector }) },
      type: {
        get: () => writtenType ?? scheduleTypeOf(times()),
        set(type) {
          writtenType = type;
          return undefined;
        },
      },
      executionTime: {
        get: times,
        set(entries) {
          if (entries.length > mostTimes || !entries.every(isExecutionTime)) return refused.scopeOfAccessViolated;
          if (entries.length === 0) return job.change(undefined);
          const pattern = patternTextOf(entries);
          return pattern === undefined ? refused.scopeOfAccessViolated : job.change(pattern);
        },
      },
    },
  });
}

/** Script n starts job n, counted from 1; 0 is none. Those of pushes have numbers of their own. */
function createJobScripts(
  name: LogicalName,
  jobs: readonly ScheduledJob[],
  pushes: readonly PushScript[] = [],
): ScriptTableObject {
  const run = (identifier: number, device: LogicalDevice): Answer<undefined | Refused> => {
    if (identifier === 0) return undefined;
    const push = pushes.find((candidate) => candidate.identifier === identifier);
    if (push !== undefined) return push.push(device);
    const job = jobs[identifier - 1];
    return job === undefined ? refused.scopeOfAccessViolated : job.run();
  };
  const object = createObject(ScriptTable, name, {
    attributes: {
      scripts: [
        ...jobs.map((_, index) => ({ scriptIdentifier: index + 1, actions: [] })),
        ...pushes.map(({ identifier, setup }) => ({ scriptIdentifier: identifier, actions: [pushAction(setup)] })),
      ],
    },
    methods: { execute: (identifier, { device }) => run(identifier, device) },
  });
  return { ...object, run };
}

/** push() of a Push setup. */
function pushAction(setup: LogicalName) {
  const parameter: Data = { type: "integer", value: 0 };
  return { serviceId: scriptService.executeMethod, classId: 40, logicalName: setup, index: 1, parameter };
}
