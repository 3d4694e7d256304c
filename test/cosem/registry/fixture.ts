/** A registry with a management device and two meters, enough to be refused in every way. */
import {
  type ArrayStream,
  type Association,
  type AssociationSession,
  type AttributeTarget,
  type CosemObject,
  createAssociation,
  createLogicalDevice,
  createObject,
  createRegistry,
  type Data,
  DataClass,
  type LogicalDevice,
  logicalName,
  type MethodTarget,
  type Principal,
  type ReadResult,
  Register,
  type Registry,
} from "../../../cosem/index.js";

export const text = (value: string): Data => ({
  type: "octet-string",
  value: Uint8Array.from(value, (letter) => letter.charCodeAt(0)),
});

export const doubleLongUnsigned = (value: number): Data => ({ type: "double-long-unsigned", value });

export function principalOf(association: Association, session?: AssociationSession): Principal {
  return { association, user: "", door: "test", peer: "test", ...(session === undefined ? {} : { session }) };
}

/** May do all that is declared. */
export const everything = principalOf(
  createAssociation({ name: "everything", clientSap: 1, rules: [{ access: "declared" }] }),
);

/** `device` attribute of class:name, e.g. target(device, "3:8-0:1.0.0*255", 2). */
export function target(device: LogicalDevice, object: string, attributeIndex: number): AttributeTarget {
  const [first = "", second] = object.split(/:(?=\d+-)/);
  return second === undefined
    ? { device, logicalName: logicalName(first), classId: undefined, attributeIndex }
    : { device, logicalName: logicalName(second), classId: Number(first), attributeIndex };
}

export function methodTarget(device: LogicalDevice, object: string, methodIndex: number): MethodTarget {
  const { attributeIndex: _, ...rest } = target(device, object, 0);
  return { ...rest, methodIndex };
}

export function ldnObject(name: string): CosemObject {
  return createObject(DataClass, logicalName("0-0:42.0.0*255"), { attributes: { value: text(name) } });
}

export function registerObject(name: string, value: number): CosemObject {
  return createObject(Register, logicalName(name), {
    attributes: { value: { get: () => doubleLongUnsigned(value) }, scalerUnit: { scaler: -3, unit: 13 } },
    methods: { reset: undefined },
  });
}

export function meter(sap: number, name: string, objects: readonly CosemObject[] = []): LogicalDevice {
  return createLogicalDevice({
    name,
    sap,
    kind: "meter",
    objects: [ldnObject(name), registerObject("8-0:1.0.0*255", 103000), ...objects],
  });
}

export function management(objects: readonly CosemObject[] = []): LogicalDevice {
  const name = "EXM0000000000001";
  return createLogicalDevice({ name, sap: 1, kind: "management", objects: [ldnObject(name), ...objects] });
}

export function registryOf(...devices: LogicalDevice[]): Registry {
  const registry = createRegistry({
    onListenerError(error) {
      throw error;
    },
  });
  for (const device of devices) registry.addDevice(device);
  return registry;
}

/** The data of an answer that has come at once. */
export function dataOf(answer: ReadResult | Promise<ReadResult>): Data {
  if (answer instanceof Promise || !answer.ok || answer.value.type === "array-stream") throw new Error("no data");
  return answer.value;
}

export function streamOf(answer: ReadResult | Promise<ReadResult>): ArrayStream {
  if (answer instanceof Promise || !answer.ok || answer.value.type !== "array-stream") throw new Error("no stream");
  return answer.value;
}

/** What an array or a structure holds. */
export function elementsOf(data: Data): readonly Data[] {
  if (data.type !== "array" && data.type !== "structure") throw new Error(`${data.type} has no elements`);
  return data.value;
}
