import {
  type ExecutionTime,
  isExecutionTime,
  type LocalTimeAt,
  nextExecution,
  type ScheduleType,
  type ScriptReference,
  SingleActionSchedule,
  scheduleType,
} from "../../classes/index.js";
import type { LogicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";
import { refused } from "../refused.js";
import { whenAccepted } from "../when-accepted.js";
import type { ScriptPort } from "./script-table.js";

/** What a schedule is set to. */
export interface Schedule {
  readonly executedScript: ScriptReference;
  readonly type: ScheduleType;
  readonly executionTime: readonly ExecutionTime[];
}

export interface SingleActionScheduleParts extends Partial<Schedule> {
  readonly logicalName: LogicalName;
  readonly executedScript: ScriptReference;
  readonly localTimeAt: LocalTimeAt;
  readonly scripts: ScriptPort;
  /** Told of new settings before they hold; without it nothing can be written. */
  readonly changed?: (schedule: Schedule, context: AccessContext) => Answer<undefined | Refused>;
}

export interface SingleActionScheduleObject extends CosemObject {
  /** The first execution after an instant (milliseconds since 1970 UTC); undefined: none. Ask again after a change. */
  nextExecution(after: number): number | undefined;
  /** Runs the script: its owner calls it when a time has come. */
  execute(): Answer<undefined | Refused>;
}

const mostTimes = 64;

/**
 * Runs a script at given times; it has no timer itself. The entries alone decide when: `type` is kept as it is written
 * and held against them no further, so that the two may be written in either order.
 */
export function createSingleActionSchedule(parts: SingleActionScheduleParts): SingleActionScheduleObject {
  let schedule: Schedule = {
    executedScript: parts.executedScript,
    type: parts.type ?? scheduleType.oneWithWildcards,
    executionTime: parts.executionTime ?? [],
  };
  const changed = parts.changed;

  function change(part: Partial<Schedule>, context: AccessContext): Answer<undefined | Refused> {
    const next = { ...schedule, ...part };
    if (next.executionTime.length > mostTimes || !next.executionTime.every(isExecutionTime)) {
      return refused.scopeOfAccessViolated;
    }
    return whenAccepted(changed?.(next, context), () => {
      schedule = next;
    });
  }

  function member<N extends keyof Schedule>(name: N) {
    const get = () => schedule[name];
    if (changed === undefined) return { get };
    return { get, set: (value: Schedule[N], context: AccessContext) => change({ [name]: value }, context) };
  }

  const object = createObject(SingleActionSchedule, parts.logicalName, {
    attributes: {
      executedScript: member("executedScript"),
      type: member("type"),
      executionTime: member("executionTime"),
    },
  });
  return {
    ...object,
    nextExecution: (after) => nextExecution(schedule.executionTime, after, parts.localTimeAt),
    execute: () => parts.scripts.run(schedule.executedScript, `schedule ${parts.logicalName}`),
  };
}
