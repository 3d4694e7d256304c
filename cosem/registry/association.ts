/**
 * Associations as rules: the first rule that fits an object decides, and none is no access. Rules only narrow what the
 * class declares and the instance offers.
 */
import type { AttributeDeclaration, DeclaredAccess } from "../model/interface-class.js";
import type { LogicalName } from "../model/logical-name.js";
import {
  type Association,
  accessInvoke,
  accessRead,
  accessWrite,
  type CosemObject,
  type LogicalDevice,
} from "./contract.js";

/** One rule; a field left out fits everything. */
export interface AccessRule {
  readonly device?: LogicalDevice["kind"];
  readonly classId?: number;
  /** `A-B:C.D.E*F`, a small letter for any value of its group: `0-0:43.1.e*255`. */
  readonly logicalName?: string;
  /**
   * none: not in the object list. visible: listed, only the logical name readable. read: all that may be read.
   * declared: all that class and instance give, methods too.
   */
  readonly access: RuleAccess;
}

export type RuleAccess = "none" | "visible" | "read" | "declared";

export interface AssociationParts {
  /** e.g. `public`, `management`, `rest:viewer`. */
  readonly name: string;
  /** Undefined for internal associations. */
  readonly clientSap: number | undefined;
  readonly rules: readonly AccessRule[];
}

const declaredBits: Readonly<Record<DeclaredAccess, number>> = {
  none: 0,
  get: accessRead,
  set: accessWrite,
  getSet: accessRead | accessWrite,
};

type Match = (device: LogicalDevice, object: CosemObject) => boolean;

/** @throws RangeError when a rule's logical name is not a pattern */
export function createAssociation(parts: AssociationParts): Association {
  const rules = parts.rules.map((rule) => ({ matches: compileRule(rule), access: rule.access }));

  function decide(device: LogicalDevice, object: CosemObject): RuleAccess {
    for (const rule of rules) if (rule.matches(device, object)) return rule.access;
    return "none";
  }

  return {
    name: parts.name,
    clientSap: parts.clientSap,
    isVisible: (device, object) => decide(device, object) !== "none",
    attributeAccess(device, object, attributeIndex) {
      const declaration = object.interfaceClass.attributeAt[attributeIndex]?.[1];
      if (declaration === undefined) return 0;
      switch (decide(device, object)) {
        case "none":
          return 0;
        case "visible":
          return attributeIndex === 1 ? widestAccess(object, declaration) & accessRead : 0;
        case "read":
          return widestAccess(object, declaration) & accessRead;
        case "declared":
          return widestAccess(object, declaration);
      }
    },
    methodAccess(device, object, methodIndex) {
      if (object.interfaceClass.methodAt[methodIndex] === undefined) return 0;
      const offered = object.offer === undefined ? accessInvoke : (object.offer.methods[methodIndex] ?? 0);
      return decide(device, object) === "declared" ? offered & accessInvoke : 0;
    },
  };
}

/** Access bits that class and instance give together. */
function widestAccess(object: CosemObject, declaration: AttributeDeclaration): number {
  const declared = declaredBits[declaration.access];
  return object.offer === undefined ? declared : declared & (object.offer.attributes[declaration.index] ?? 0);
}

function compileRule(rule: AccessRule): Match {
  const { device: kind, classId, logicalName } = rule;
  const nameFits = logicalName === undefined ? undefined : compileLogicalName(logicalName);
  return (device, object) =>
    (kind === undefined || device.kind === kind) &&
    (classId === undefined || object.interfaceClass.classId === classId) &&
    (nameFits === undefined || nameFits(object.logicalName));
}

function compileLogicalName(pattern: string): (name: LogicalName) => boolean {
  if (!/^([a-z]|\d{1,3})-([a-z]|\d{1,3}):(([a-z]|\d{1,3})\.){2}([a-z]|\d{1,3})\*([a-z]|\d{1,3})$/.test(pattern)) {
    throw new RangeError(`not a pattern of logical names: "${pattern}"; write A-B:C.D.E*F, a letter for any value`);
  }
  if (!/[a-z]/.test(pattern)) return (name) => name === pattern;
  const expression = new RegExp(`^${pattern.replace(/[.*]/g, "\\$&").replace(/[a-z]/g, "\\d+")}$`);
  return (name) => expression.test(name);
}
