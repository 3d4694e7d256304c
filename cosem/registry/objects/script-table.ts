/**
 * Script tables. A script's actions run in order; the first that is refused ends it, what ran before stays.
 *
 * Rights: where the table cannot be written, its scripts run with the rights of the table's own association, so that a
 * client may be allowed to start them without being allowed to do what they do. Where it can be written, execute() uses
 * the caller's rights: nobody gains rights by writing a script. What has no caller (a schedule, a monitor) runs with
 * the table's own association always; give a writable table no more than those may do who write it.
 * A script starts no other script.
 */
import {
  type ActionSpecification,
  type Script,
  type ScriptReference,
  ScriptTable,
  scriptService,
} from "../../classes/index.js";
import type { LogicalName } from "../../model/logical-name.js";
import type {
  AccessContext,
  Answer,
  Association,
  CosemObject,
  LogicalDevice,
  Principal,
  Refused,
  Registry,
} from "../contract.js";
import { createObject } from "../object.js";
import { isRefused, refused } from "../refused.js";
import { whenAccepted } from "../when-accepted.js";

/** What a schedule or a monitor starts scripts through. */
export interface ScriptPort {
  /** Undefined: the script has run, or is script 0, which is none. `cause` names who started it, for the audit. */
  run(script: ScriptReference, cause: string): Answer<undefined | Refused>;
}

export interface ScriptTableParts {
  readonly logicalName: LogicalName;
  readonly scripts: readonly Script[];
  readonly registry: Registry;
  /** Rights of scripts that no caller stands behind, and of all where the table cannot be written. */
  readonly association: Association;
  /** Told of a new list before it holds; without it the list cannot be written. */
  readonly changed?: (scripts: readonly Script[], context: AccessContext) => Answer<undefined | Refused>;
}

export interface ScriptTableObject extends CosemObject {
  /** Runs a script without a caller, in the device that the table stands in. */
  run(scriptIdentifier: number, device: LogicalDevice, cause: string): Answer<undefined | Refused>;
}

const mostScripts = 64;
const mostActions = 32;
/** The door of the principal that a script's actions run under. */
const scriptDoor = "script";

export function createScriptTable(parts: ScriptTableParts): ScriptTableObject {
  let scripts = parts.scripts;
  const changed = parts.changed;

  function runScript(identifier: number, device: LogicalDevice, principal: Principal): Answer<undefined | Refused> {
    if (identifier === 0) return undefined;
    const script = scripts.find((candidate) => candidate.scriptIdentifier === identifier);
    if (script === undefined) return refused.scopeOfAccessViolated;
    return runActions(script.actions, (action) => runAction(action, parts.registry, device, principal));
  }

  function setScripts(value: readonly Script[], context: AccessContext): Answer<undefined | Refused> {
    if (!areScripts(value)) return refused.scopeOfAccessViolated;
    return whenAccepted(changed?.(value, context), () => {
      scripts = value;
    });
  }

  const object = createObject(ScriptTable, parts.logicalName, {
    attributes: { scripts: changed === undefined ? { get: () => scripts } : { get: () => scripts, set: setScripts } },
    methods: {
      execute(identifier, { principal, device }) {
        if (principal.door === scriptDoor) return refused.readWriteDenied;
        const association = changed === undefined ? parts.association : principal.association;
        const peer = `${principal.door} ${principal.peer}`;
        return runScript(identifier, device, { association, user: principal.user, door: scriptDoor, peer });
      },
    },
  });
  return {
    ...object,
    run: (identifier, device, cause) =>
      runScript(identifier, device, { association: parts.association, user: "", door: scriptDoor, peer: cause }),
  };
}

/** Starts scripts of the tables of one device. */
export function createScriptPort(device: LogicalDevice): ScriptPort {
  return {
    run({ scriptLogicalName, scriptSelector }, cause) {
      if (scriptSelector === 0) return undefined;
      const table = device.find(scriptLogicalName, ScriptTable.classId);
      if (table === undefined || !isScriptTable(table)) return refused.objectUndefined;
      return table.run(scriptSelector, device, cause);
    },
  };
}

function isScriptTable(object: CosemObject): object is ScriptTableObject {
  return typeof (object as Partial<ScriptTableObject>).run === "function";
}

function areScripts(scripts: readonly Script[]): boolean {
  const identifiers = new Set(scripts.map((script) => script.scriptIdentifier));
  return (
    scripts.length <= mostScripts &&
    identifiers.size === scripts.length &&
    !identifiers.has(0) &&
    scripts.every((script) => script.actions.length <= mostActions)
  );
}

/** In one turn as long as the answers come at once. */
function runActions(
  actions: readonly ActionSpecification[],
  run: (action: ActionSpecification) => Answer<undefined | Refused>,
): Answer<undefined | Refused> {
  for (const [index, action] of actions.entries()) {
    const answer = run(action);
    if (answer instanceof Promise) {
      return answer.then((later) => later ?? runActions(actions.slice(index + 1), run));
    }
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function runAction(
  { serviceId, classId, logicalName, index, parameter }: ActionSpecification,
  registry: Registry,
  device: LogicalDevice,
  principal: Principal,
): Answer<undefined | Refused> {
  const target = { device, logicalName, classId };
  const answer =
    serviceId === scriptService.writeAttribute
      ? registry.write({ ...target, attributeIndex: index }, parameter, principal)
      : registry.invoke({ ...target, methodIndex: index }, parameter, principal);
  return answer instanceof Promise ? answer.then(refusalOrNothing) : refusalOrNothing(answer);
}

function refusalOrNothing(answer: unknown): undefined | Refused {
  return isRefused(answer) ? answer : undefined;
}
