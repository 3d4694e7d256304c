/**
 * The one registry of a process: logical devices by SAP and name, the one access check, change notices.
 *
 * A request is refused at the first of: object exists (objectUndefined), is of the class asked for
 * (objectClassInconsistent), attribute or method declared, caller has the right, selector offered (all readWriteDenied);
 * what is left is the object's. In memory all of it is synchronous.
 */
import type { Data } from "../codec/data.js";
import { ScopeOfAccessViolated, TypeUnmatched } from "../model/types.js";
import {
  type AccessContext,
  type Answer,
  type AttributeTarget,
  accessInvoke,
  accessRead,
  accessRequestProtection,
  accessResponseProtection,
  accessWrite,
  type CosemObject,
  type InvokeResult,
  type LogicalDevice,
  type MethodTarget,
  type Principal,
  type ReadResult,
  type Refused,
  type Registry,
  type RegistryNotice,
  type SelectiveAccess,
  type WriteResult,
} from "./contract.js";
import { createDeviceDirectory } from "./device-directory.js";
import { refused } from "./refused.js";

export interface RegistryParts {
  /** Told of an exception in a listener; the other listeners run on. */
  onListenerError(error: unknown, notice: RegistryNotice): void;
}

/** An empty registry. addDevice() throws RangeError where a SAP or a name is taken. */
export function createRegistry(parts: RegistryParts): Registry {
  const directory = createDeviceDirectory();
  const listeners = new Set<(notice: RegistryNotice) => void>();

  function notify(notice: RegistryNotice): void {
    for (const listener of listeners) {
      try {
        listener(notice);
      } catch (error) {
        parts.onListenerError(error, notice);
      }
    }
  }

  return {
    device: directory.byName,
    deviceBySap: directory.bySap,
    devices: directory.all,
    get deviceCount() {
      return directory.count();
    },
    addDevice(device) {
      directory.add(device);
      notify({ kind: "deviceAdded", device });
    },
    removeDevice(device) {
      if (directory.remove(device)) notify({ kind: "deviceRemoved", device });
    },
    renamed: directory.renamed,
    read: readAttribute,
    write,
    invoke,
    visibleObjects,
    notify,
    subscribe(listener) {
      // A function of our own: one listener may subscribe twice and close one of the two.
      const own = (notice: RegistryNotice) => listener(notice);
      listeners.add(own);
      return { close: () => void listeners.delete(own) };
    },
  };
}

/** The access check, and then the object: what `Registry.read` does. */
export function readAttribute(
  target: AttributeTarget,
  principal: Principal,
  selectiveAccess?: SelectiveAccess,
): Answer<ReadResult> {
  const { device, attributeIndex } = target;
  const object = device.find(target.logicalName, target.classId);
  if (object === undefined) return missing(target);
  if (!mayAccess(object, target, principal, accessRead)) return refused.readWriteDenied;
  if (selectiveAccess !== undefined && !isSelectorOffered(object, attributeIndex, selectiveAccess.selector)) {
    return refused.readWriteDenied;
  }
  const context: AccessContext = { principal, device, selectiveAccess };
  try {
    const answer = object.read(attributeIndex, context);
    return answer instanceof Promise ? answer.catch(refusalOf) : answer;
  } catch (error) {
    return refusalOf(error);
  }
}

function write(
  target: AttributeTarget,
  value: Data,
  principal: Principal,
  selectiveAccess?: SelectiveAccess,
): Answer<WriteResult> {
  const { device, attributeIndex } = target;
  const object = device.find(target.logicalName, target.classId);
  if (object === undefined) return missing(target);
  if (!mayAccess(object, target, principal, accessWrite)) return refused.readWriteDenied;
  if (selectiveAccess !== undefined && !isSelectorOffered(object, attributeIndex, selectiveAccess.selector)) {
    return refused.readWriteDenied;
  }
  const context: AccessContext = { principal, device, selectiveAccess };
  try {
    const answer = object.write(attributeIndex, value, context);
    return answer instanceof Promise ? answer.catch(refusalOf) : answer;
  } catch (error) {
    return refusalOf(error);
  }
}

function invoke(target: MethodTarget, parameters: Data | undefined, principal: Principal): Answer<InvokeResult> {
  const { device, methodIndex } = target;
  const object = device.find(target.logicalName, target.classId);
  if (object === undefined) return missing(target);
  if (object.interfaceClass.methodAt[methodIndex] === undefined) return refused.readWriteDenied;
  const access = principal.association.methodAccess(device, object, methodIndex);
  if ((access & accessInvoke) === 0 || !isProtectedAs(access, principal)) return refused.readWriteDenied;
  try {
    const answer = object.invoke(methodIndex, parameters, { principal, device, selectiveAccess: undefined });
    return answer instanceof Promise ? answer.catch(refusalOf) : answer;
  } catch (error) {
    return refusalOf(error);
  }
}

function* visibleObjects(device: LogicalDevice, principal: Principal): Iterable<CosemObject> {
  for (const object of device.objects()) {
    if (principal.association.isVisible(device, object)) yield object;
  }
}

function missing(target: AttributeTarget | MethodTarget): Refused {
  const isThere = target.classId !== undefined && target.device.find(target.logicalName, undefined) !== undefined;
  return isThere ? refused.objectClassInconsistent : refused.objectUndefined;
}

function mayAccess(object: CosemObject, target: AttributeTarget, principal: Principal, right: number): boolean {
  const { device, attributeIndex } = target;
  if (object.interfaceClass.attributeAt[attributeIndex] === undefined) return false;
  const access = principal.association.attributeAccess(device, object, attributeIndex);
  return (access & right) !== 0 && isProtectedAs(access, principal);
}

const anyProtection = accessRequestProtection | accessResponseProtection;

/** The request came as the rights ask, and the answer can go out so: who protects answers brings a `protection`. */
function isProtectedAs(access: number, { protection }: Principal): boolean {
  if ((access & anyProtection) === 0) return true;
  if (protection === undefined) return false;
  return (access & accessRequestProtection & ~protection) === 0;
}

function isSelectorOffered(object: CosemObject, attributeIndex: number, selector: number): boolean {
  const declared = object.interfaceClass.attributeAt[attributeIndex]?.[1].selectors ?? [];
  const offered = object.offer?.selectors?.[attributeIndex];
  return declared.includes(selector) && (offered === undefined || offered.includes(selector));
}

/** What fromData() throws about a caller's data is a refusal; all else is a bug and flies on. */
function refusalOf(error: unknown): Refused {
  if (error instanceof TypeUnmatched) return refused.typeUnmatched;
  if (error instanceof ScopeOfAccessViolated) return refused.scopeOfAccessViolated;
  throw error;
}
