/** The registry as doors have it through which objects are changed: each write and each method is an audit entry. */
import {
  type Answer,
  type AttributeTarget,
  type InvokeResult,
  type MethodTarget,
  type Principal,
  type Registry,
  refused,
  type WriteResult,
} from "../../cosem/index.js";
import type { Audit } from "../ports/index.js";

/** Values are never told: they may be secrets. What was refused for want of a right is `refused`, all else `failed`. */
export function auditedRegistry(registry: Registry, audit: Audit): Registry {
  function recorded<Result extends WriteResult | InvokeResult>(
    principal: Principal,
    action: string,
    target: string,
    answer: Answer<Result>,
  ): Answer<Result> {
    if (answer instanceof Promise) {
      return answer.then(
        (result) => recorded(principal, action, target, result) as Result,
        (error: unknown) => {
          audit.record({ principal, action, target, detail: "the object failed", result: "failed" });
          throw error;
        },
      );
    }
    const why = answer.ok ? undefined : answer.refusal;
    const isDenied = why === refused.readWriteDenied.refusal;
    audit.record({
      principal,
      action,
      target,
      detail: why,
      result: answer.ok ? "done" : isDenied ? "refused" : "failed",
    });
    return answer;
  }

  return {
    ...registry,
    get deviceCount() {
      return registry.deviceCount;
    },
    write(target, value, principal, selectiveAccess) {
      const answer = registry.write(target, value, principal, selectiveAccess);
      return recorded(principal, "objects.write", `${objectOf(target)}/${target.attributeIndex}`, answer);
    },
    invoke(target, parameters, principal) {
      const answer = registry.invoke(target, parameters, principal);
      return recorded(principal, "objects.invoke", `${objectOf(target)} method ${target.methodIndex}`, answer);
    },
  };
}

function objectOf({ device, classId, logicalName }: AttributeTarget | MethodTarget): string {
  return `${device.name}/${classId === undefined ? "" : `${classId}:`}${logicalName}`;
}
