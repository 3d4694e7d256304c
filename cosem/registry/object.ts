/**
 * Instances from handlers: a value or functions an attribute, a function a method, in JavaScript's own types as they
 * follow from the class's declaration. Conversion to and from Data is done here, once.
 */
import type { Data } from "../codec/data.js";
import { nullData } from "../codec/data.js";
import type {
  AttributeDeclaration,
  AttributeName,
  AttributeValue,
  InterfaceClass,
  MethodDeclaration,
  MethodName,
  MethodParameters,
  MethodResult,
} from "../model/interface-class.js";
import type { LogicalName } from "../model/logical-name.js";
import { logicalNameType } from "../model/types.js";
import {
  type AccessContext,
  type Answer,
  accessInvoke,
  accessRead,
  accessWrite,
  type CosemObject,
  type InstanceOffer,
  type InvokeResult,
  type ReadResult,
  type Refused,
  type WriteResult,
} from "./contract.js";
import { isRefused, refused } from "./refused.js";

/** Reads and writes one attribute; either may be left out, and is then not offered. */
export interface AttributeFunctions<T> {
  readonly get?: (context: AccessContext) => Answer<T | Refused>;
  /** In place of `get`: the answer as it is, where size or selective access shape it. */
  readonly getData?: (context: AccessContext) => Answer<ReadResult>;
  /** Undefined is success. */
  readonly set?: (value: T, context: AccessContext) => Answer<undefined | Refused>;
}

/** Undefined: this instance has the attribute, but no one may read or write it. */
export type AttributeHandler<T> = T | AttributeFunctions<T> | undefined;

/** The result as data; of a method without one, undefined. */
export type MethodHandler<P, R> = (parameters: P, context: AccessContext) => Answer<R | Refused>;

export interface ObjectHandlers<C extends InterfaceClass> {
  readonly attributes: {
    readonly [N in Exclude<AttributeName<C>, "logicalName">]: AttributeHandler<AttributeValue<C, N>>;
  };
  /** A method that is undefined is listed without access; one left out is not implemented, and not listed. */
  readonly methods?: {
    readonly [N in MethodName<C>]?: MethodHandler<MethodParameters<C, N>, MethodResult<C, N>> | undefined;
  };
  /** Where this instance offers fewer selectors than its class. */
  readonly selectors?: { readonly [N in AttributeName<C>]?: readonly number[] };
}

type Functions = AttributeFunctions<unknown>;

interface Slot {
  readonly declaration: AttributeDeclaration;
  readonly get: Functions["get"] | undefined;
  readonly getData: Functions["getData"] | undefined;
  readonly set: Functions["set"] | undefined;
  /** The answer itself where the value is fixed. */
  readonly fixed: ReadResult | undefined;
}

const nothing = { get: undefined, getData: undefined, set: undefined, fixed: undefined };

/** An instance of `interfaceClass`; rights are not checked here but by the registry. */
export function createObject<C extends InterfaceClass>(
  interfaceClass: C,
  logicalName: LogicalName,
  handlers: ObjectHandlers<C>,
): CosemObject {
  const slots = makeSlots(interfaceClass, logicalName, handlers.attributes);
  const methods = makeMethods(interfaceClass, handlers.methods ?? {});
  const offer: InstanceOffer = {
    attributes: slots.map((slot) => slot && accessOf(slot)),
    methods: methods.map((entry) => entry && (entry.handler === undefined ? 0 : accessInvoke)),
    ...(handlers.selectors === undefined ? {} : { selectors: byAttributeIndex(interfaceClass, handlers.selectors) }),
  };
  return {
    interfaceClass,
    logicalName,
    offer,
    read(attributeIndex, context) {
      const slot = slots[attributeIndex];
      if (slot?.fixed !== undefined) return slot.fixed;
      if (slot?.getData !== undefined) return slot.getData(context);
      if (slot?.get === undefined) return refused.readWriteDenied;
      const value = slot.get(context);
      if (value instanceof Promise) return value.then((later) => toReadResult(slot.declaration, later));
      return toReadResult(slot.declaration, value);
    },
    write(attributeIndex, value, context) {
      const slot = slots[attributeIndex];
      if (slot?.set === undefined) return refused.readWriteDenied;
      const answer = slot.set(slot.declaration.type.fromData(value), context);
      return answer instanceof Promise ? answer.then(toWriteResult) : toWriteResult(answer);
    },
    invoke(methodIndex, parameters, context) {
      const entry = methods[methodIndex];
      if (entry?.handler === undefined) return refused.readWriteDenied;
      const answer = entry.handler(entry.declaration.parameters.fromData(parameters ?? nullData), context);
      if (answer instanceof Promise) return answer.then((later) => toInvokeResult(entry.declaration, later));
      return toInvokeResult(entry.declaration, answer);
    },
  };
}

function makeSlots(
  interfaceClass: InterfaceClass,
  logicalName: LogicalName,
  handlers: Readonly<Record<string, unknown>>,
): readonly (Slot | undefined)[] {
  return interfaceClass.attributeAt.map((entry) => {
    if (entry === undefined) return undefined;
    const [name, declaration] = entry;
    if (name === "logicalName") return fixedSlot(declaration, logicalNameType.toData(logicalName));
    const handler = handlers[name];
    if (handler === undefined) return { declaration, ...nothing };
    if (!isFunctions(handler)) return fixedSlot(declaration, declaration.type.toData(handler));
    return { declaration, ...nothing, get: handler.get, getData: handler.getData, set: handler.set };
  });
}

function fixedSlot(declaration: AttributeDeclaration, value: Data): Slot {
  return { declaration, ...nothing, fixed: Object.freeze({ ok: true, value }) };
}

/** No value of the standard's types has a function in it, but for octets: theirs are the array's own. */
function isFunctions(handler: unknown): handler is Functions {
  if (typeof handler !== "object" || handler === null || ArrayBuffer.isView(handler)) return false;
  const functions = handler as { readonly [N in keyof Functions]?: unknown };
  return [functions.get, functions.getData, functions.set].some((member) => typeof member === "function");
}

function accessOf(slot: Slot): number {
  const read = (slot.fixed ?? slot.get ?? slot.getData) === undefined ? 0 : accessRead;
  return slot.set === undefined ? read : read | accessWrite;
}

interface MethodEntry {
  readonly declaration: MethodDeclaration;
  readonly handler: MethodHandler<unknown, unknown> | undefined;
}

function makeMethods(
  interfaceClass: InterfaceClass,
  handlers: Readonly<Record<string, unknown>>,
): readonly (MethodEntry | undefined)[] {
  return interfaceClass.methodAt.map((entry) => {
    if (entry === undefined || !Object.hasOwn(handlers, entry[0])) return undefined;
    const [name, declaration] = entry;
    return { declaration, handler: handlers[name] as MethodHandler<unknown, unknown> | undefined };
  });
}

function byAttributeIndex(
  interfaceClass: InterfaceClass,
  selectors: Readonly<Record<string, readonly number[] | undefined>>,
) {
  return interfaceClass.attributeAt.map((entry) => entry && selectors[entry[0]]);
}

function toReadResult(declaration: AttributeDeclaration, value: unknown): ReadResult {
  if (isRefused(value)) return value;
  return { ok: true, value: declaration.type.toData(value) };
}

const done: WriteResult = Object.freeze({ ok: true });

function toWriteResult(answer: undefined | Refused): WriteResult {
  return answer === undefined ? done : answer;
}

function toInvokeResult(declaration: MethodDeclaration, value: unknown): InvokeResult {
  if (isRefused(value)) return value;
  return { ok: true, value: declaration.returns?.toData(value) };
}
