import {
  type ActionSet,
  type Crossing,
  isThreshold,
  observe,
  type Positions,
  RegisterMonitor,
  type ValueDefinition,
} from "../../classes/index.js";
import type { Data } from "../../codec/data.js";
import type { LogicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";
import { refused } from "../refused.js";
import { whenAccepted } from "../when-accepted.js";
import type { ScriptPort } from "./script-table.js";

/** What a monitor is set to; thresholds are of the scale of the watched value. */
export interface MonitorSettings {
  readonly thresholds: readonly Data[];
  readonly monitoredValue: ValueDefinition;
  readonly actions: readonly ActionSet[];
}

export interface RegisterMonitorParts extends MonitorSettings {
  readonly logicalName: LogicalName;
  readonly scripts: ScriptPort;
  /** Told of a script that was refused; the scripts of other thresholds run all the same. */
  readonly onRefused?: (refusal: Refused, threshold: number) => void;
  /** Told of new settings before they hold; without it nothing can be written. */
  readonly changed?: (settings: MonitorSettings, context: AccessContext) => Answer<undefined | Refused>;
}

export interface RegisterMonitorObject extends CosemObject {
  /** Which value is to be handed to look(). */
  monitoredValue(): ValueDefinition;
  /** Looks at the watched value as it is now, and starts the scripts of the thresholds it has passed, in order. */
  look(value: Data): Answer<undefined>;
}

const mostThresholds = 32;

/** Starts scripts when a value passes thresholds; its owner shows it the value whenever that may have changed. */
export function createRegisterMonitor(parts: RegisterMonitorParts): RegisterMonitorObject {
  let settings: MonitorSettings = {
    thresholds: parts.thresholds,
    monitoredValue: parts.monitoredValue,
    actions: parts.actions,
  };
  let positions: Positions = [];
  const changed = parts.changed;

  function change(part: Partial<MonitorSettings>, context: AccessContext): Answer<undefined | Refused> {
    const next = { ...settings, ...part };
    if (!next.thresholds.every(isThreshold)) return refused.typeUnmatched;
    if (next.thresholds.length > mostThresholds || next.actions.length > mostThresholds) {
      return refused.scopeOfAccessViolated;
    }
    return whenAccepted(changed?.(next, context), () => {
      settings = next;
      if (part.actions === undefined) positions = [];
    });
  }

  function member<N extends keyof MonitorSettings>(name: N) {
    const get = () => settings[name];
    if (changed === undefined) return { get };
    return { get, set: (value: MonitorSettings[N], context: AccessContext) => change({ [name]: value }, context) };
  }

  function start({ threshold, direction }: Crossing): Answer<undefined> {
    const actions = settings.actions[threshold];
    if (actions === undefined) return undefined;
    const answer = parts.scripts.run(
      direction === "up" ? actions.actionUp : actions.actionDown,
      `monitor ${parts.logicalName}`,
    );
    return answer instanceof Promise ? answer.then((later) => report(later, threshold)) : report(answer, threshold);
  }

  function report(answer: undefined | Refused, threshold: number): undefined {
    if (answer !== undefined) parts.onRefused?.(answer, threshold);
    return undefined;
  }

  const object = createObject(RegisterMonitor, parts.logicalName, {
    attributes: {
      thresholds: member("thresholds"),
      monitoredValue: member("monitoredValue"),
      actions: member("actions"),
    },
  });
  return {
    ...object,
    monitoredValue: () => settings.monitoredValue,
    look(value) {
      const observation = observe(positions, settings.thresholds, value);
      positions = observation.positions;
      const later = observation.crossings.map(start).filter((answer) => answer instanceof Promise);
      return later.length === 0 ? undefined : Promise.all(later).then(() => undefined);
    },
  };
}
