/**
 * Where a register's value comes from. A source resolves its target once and keeps it until the registry says that
 * devices changed; it keeps no value. What is not there (yet) is absent, not an error: one meter that is gone must not
 * cost a master the rest of its block.
 */
import {
  type Answer,
  type AttributeTarget,
  type CosemObject,
  type Data,
  type LogicalDevice,
  type LogicalName,
  nearestDecimal,
  type Principal,
  type ReadResult,
  type Refusal,
  type Registry,
} from "../../../cosem/index.js";

/** A number with its scaler, a refusal, or absent. */
export type SourceReading =
  | { readonly kind: "number"; readonly integer: number | bigint; readonly scaler: number }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export const absent: SourceReading = { kind: "absent" };

/** Grows with every notice; `devices` only where devices came or went. */
export interface Generations {
  devices: number;
  notices: number;
}

/** What a source is made of: a device found by name or given, and an attribute of one of its objects. */
export interface SourceTarget {
  device(): LogicalDevice | undefined;
  readonly logicalName: LogicalName;
  readonly classId: number | undefined;
  readonly attributeIndex: number;
}

export class AttributeSource {
  private readonly registry: Registry;
  private readonly wanted: SourceTarget;
  private readonly generations: Generations;
  private resolved: { readonly target: AttributeTarget; readonly scaler: number } | undefined;
  private resolvedAt = -1;

  constructor(registry: Registry, wanted: SourceTarget, generations: Generations) {
    this.registry = registry;
    this.wanted = wanted;
    this.generations = generations;
  }

  read(principal: Principal): Answer<SourceReading> {
    if (!this.isCurrent()) {
      const resolving = this.resolve(principal);
      if (resolving !== undefined) return resolving.then(() => this.read(principal));
    }
    const { resolved } = this;
    if (resolved === undefined) return absent;
    const answer = this.registry.read(resolved.target, principal);
    return answer instanceof Promise
      ? answer.then((result) => toReading(result, resolved.scaler))
      : toReading(answer, resolved.scaler);
  }

  /** What is there is kept until devices change; what is missing is looked for again after any notice. */
  private isCurrent(): boolean {
    return this.resolvedAt === (this.resolved === undefined ? this.generations.notices : this.generations.devices);
  }

  private resolve(principal: Principal): Promise<void> | undefined {
    const { logicalName, classId, attributeIndex } = this.wanted;
    const device = this.wanted.device();
    const object = device?.find(logicalName, classId);
    this.resolved = undefined;
    this.resolvedAt = this.generations.notices;
    if (device === undefined || object === undefined) return undefined;
    const target = { device, logicalName, classId: object.interfaceClass.classId, attributeIndex };
    const keep = (scaler: number) => {
      this.resolved = { target, scaler };
      this.resolvedAt = this.generations.devices;
    };
    const scaler = readScalerUnit(this.registry, device, object, principal);
    if (scaler instanceof Promise) return scaler.then((found) => keep(found?.scaler ?? 0));
    keep(scaler?.scaler ?? 0);
    return undefined;
  }
}

function toReading(result: ReadResult, scaler: number): SourceReading {
  if (result.ok) {
    const integer = numberOf(result.value);
    return integer === undefined ? absent : { kind: "number", integer, scaler };
  }
  return result.refusal === "objectUndefined" || result.refusal === "objectUnavailable"
    ? absent
    : { kind: "refused", refusal: result.refusal };
}

/** The number in a value; undefined for null-data and all that is no number. */
export function numberOf(value: Data | { readonly type: "array-stream" }): number | bigint | undefined {
  if (!("value" in value)) return undefined;
  const { type } = value;
  if (type === "boolean") return value.value ? 1 : 0;
  if (type === "float32") return nearestDecimal(value.value);
  return typeof value.value === "number" || typeof value.value === "bigint" ? value.value : undefined;
}

/** Scaler and unit stand in attribute `scalerUnit` of those classes that have it; a served scale never changes. */
export function readScalerUnit(
  registry: Registry,
  device: LogicalDevice,
  object: CosemObject,
  principal: Principal,
): Answer<{ scaler: number; unit: number } | undefined> {
  const attribute = object.interfaceClass.attributes["scalerUnit"];
  if (attribute === undefined) return undefined;
  const answer = registry.read(
    {
      device,
      logicalName: object.logicalName,
      classId: object.interfaceClass.classId,
      attributeIndex: attribute.index,
    },
    principal,
  );
  return answer instanceof Promise ? answer.then(toScalerUnit) : toScalerUnit(answer);
}

function toScalerUnit(result: ReadResult): { scaler: number; unit: number } | undefined {
  if (!result.ok || result.value.type !== "structure") return undefined;
  const [scaler, unit] = result.value.value;
  if (scaler?.type !== "integer" || unit?.type !== "enum") return undefined;
  return { scaler: scaler.value, unit: unit.value };
}
