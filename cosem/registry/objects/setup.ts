/**
 * Setup objects: attributes that are settings or facts kept elsewhere. One factory serves every class without behaviour
 * of its own; classes with methods or with secrets have a factory beside it that ends here.
 */
import type { AttributeName, AttributeValue, InterfaceClass } from "../../model/interface-class.js";
import type { LogicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { type AttributeFunctions, createObject, type ObjectHandlers } from "../object.js";
import { refused } from "../refused.js";

type SetupName<C extends InterfaceClass> = Exclude<AttributeName<C>, "logicalName">;

/** The values of all attributes but the logical name. */
export type SetupValues<C extends InterfaceClass> = {
  readonly [N in SetupName<C>]: AttributeValue<C, N>;
};

/** Takes new values before they hold; what values() gives afterwards is its business. */
export type SetupChange<C extends InterfaceClass> = (
  changes: Partial<SetupValues<C>>,
  context: AccessContext,
) => Answer<undefined | Refused>;

/** Which values of an attribute are permitted where its type permits more. */
export type SetupLimits<C extends InterfaceClass> = {
  readonly [N in SetupName<C>]?: (value: AttributeValue<C, N>) => boolean;
};

export interface SetupParts<C extends InterfaceClass> {
  readonly logicalName: LogicalName;
  /** Asked at each GET. */
  values(): SetupValues<C>;
  /** Attributes that change() takes; none: the object is read-only. */
  readonly writable?: readonly SetupName<C>[];
  readonly change?: SetupChange<C>;
}

export interface SetupBehaviour<C extends InterfaceClass> {
  readonly limits?: SetupLimits<C>;
  readonly methods?: ObjectHandlers<C>["methods"];
  /** Attributes that are never read out. */
  readonly hidden?: readonly SetupName<C>[];
  /** What is shown in place of a value. */
  readonly shown?: { readonly [N in SetupName<C>]?: (value: AttributeValue<C, N>) => AttributeValue<C, N> };
}

/** @throws RangeError for a writable attribute without change(), or one that its class does not let be written */
export function createSetup<C extends InterfaceClass>(
  interfaceClass: C,
  parts: SetupParts<C>,
  behaviour: SetupBehaviour<C> = {},
): CosemObject {
  const attributes: Record<string, AttributeFunctions<unknown> | undefined> = {};
  for (const [name, declaration] of Object.entries(interfaceClass.attributes)) {
    if (name === "logicalName") continue;
    attributes[name] = functionsOf(name as SetupName<C>, parts, behaviour);
    const isWritten = attributes[name]?.set !== undefined;
    if (isWritten && !declaration.access.toLowerCase().includes("set")) {
      throw new RangeError(`${interfaceClass.name}: ${name} is never written`);
    }
  }
  return createObject(interfaceClass, parts.logicalName, {
    attributes: attributes as ObjectHandlers<C>["attributes"],
    ...(behaviour.methods === undefined ? {} : { methods: behaviour.methods }),
  });
}

/** Undefined: nobody reads or writes it. */
function functionsOf<C extends InterfaceClass>(
  name: SetupName<C>,
  parts: SetupParts<C>,
  behaviour: SetupBehaviour<C>,
): AttributeFunctions<unknown> | undefined {
  const show = behaviour.shown?.[name];
  const read = () => (show === undefined ? parts.values()[name] : show(parts.values()[name]));
  const isHidden = behaviour.hidden?.includes(name) === true;
  const get = isHidden ? {} : { get: read };
  // There, but neither read nor written: no functions at all would pass for a fixed value.
  if (parts.writable?.includes(name) !== true) return isHidden ? undefined : get;
  const { change } = parts;
  if (change === undefined) throw new RangeError(`${parts.logicalName}: ${name} is writable, but nobody takes it`);
  return {
    ...get,
    set(value, context) {
      const isPermitted = behaviour.limits?.[name]?.(value as AttributeValue<C, typeof name>) ?? true;
      if (!isPermitted) return refused.scopeOfAccessViolated;
      return change({ [name]: value } as Partial<SetupValues<C>>, context);
    },
  };
}
