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
  accessRequestProtection,
  accessResponseProtection,
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
  /** Bits 2 to 7 of access rights: protection that all of the object asks for under this rule. Default: none. */
  readonly protection?: number;
  /** Rights of single attributes in place of the two above, by index: all bits. No rule widens what there is. */
  readonly attributes?: RightsByIndex;
  /** The same for methods. */
  readonly methods?: RightsByIndex;
}

/** Access bits by index of attribute or method. */
export type RightsByIndex = Readonly<Record<number, number>>;

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

/** @throws RangeError when a rule's logical name is not a pattern, or rights are no octet */
export function createAssociation(parts: AssociationParts): Association {
  const rules = parts.rules.map((rule) => ({ matches: compileRule(rule), rights: rightsOf(rule) }));

  function decide(device: LogicalDevice, object: CosemObject): RuleRights {
    for (const rule of rules) if (rule.matches(device, object)) return rule.rights;
    return noRights;
  }

  return {
    name: parts.name,
    clientSap: parts.clientSap,
    isVisible: (device, object) => decide(device, object).access !== "none",
    attributeAccess: (device, object, index) => {
      const rights = decide(device, object);
      const single = rights.attributes?.[index];
      if (single !== undefined) return narrowAttribute(object, index, single);
      return narrowAttribute(object, index, attributeBits[rights.access](index) | rights.protection);
    },
    methodAccess: (device, object, index) => {
      const rights = decide(device, object);
      const single = rights.methods?.[index];
      if (single !== undefined) return narrowMethod(object, index, single);
      return narrowMethod(object, index, (rights.access === "declared" ? accessInvoke : 0) | rights.protection);
    },
  };
}

interface RuleRights {
  readonly access: RuleAccess;
  readonly protection: number;
  readonly attributes: RightsByIndex | undefined;
  readonly methods: RightsByIndex | undefined;
}

const noRights: RuleRights = { access: "none", protection: 0, attributes: undefined, methods: undefined };

const attributeBits: Readonly<Record<RuleAccess, (index: number) => number>> = {
  none: () => 0,
  visible: (index) => (index === 1 ? accessRead : 0),
  read: () => accessRead,
  declared: () => accessRead | accessWrite,
};

function rightsOf({ access, protection, attributes, methods }: AccessRule): RuleRights {
  if (access === "none") return noRights;
  for (const bits of [protection ?? 0, ...Object.values(attributes ?? {}), ...Object.values(methods ?? {})]) {
    if (!Number.isInteger(bits) || bits < 0 || bits > 0xff) throw new RangeError(`not access rights: ${bits}`);
  }
  return { access, protection: (protection ?? 0) & protectionBits, attributes, methods };
}

const protectionBits = accessRequestProtection | accessResponseProtection;

/** What is left of `bits` where class and instance allow less; protection is of no use where nothing is allowed. */
export function narrowAttribute(object: CosemObject, index: number, bits: number): number {
  const declaration = object.interfaceClass.attributeAt[index]?.[1];
  if (declaration === undefined) return 0;
  const access = bits & widestAccess(object, declaration);
  return access === 0 ? 0 : access | (bits & protectionBits);
}

/** The same for a method. */
export function narrowMethod(object: CosemObject, index: number, bits: number): number {
  if (object.interfaceClass.methodAt[index] === undefined) return 0;
  const offered = object.offer === undefined ? accessInvoke : (object.offer.methods[index] ?? 0);
  const access = bits & offered & accessInvoke;
  return access === 0 ? 0 : access | (bits & protectionBits);
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
