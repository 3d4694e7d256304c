import type { CosemType } from "./types.js";

/** Widest access to an attribute; an association's object list narrows it. */
export type DeclaredAccess = "none" | "get" | "set" | "getSet";

export interface AttributeDeclaration<T = unknown> {
  readonly index: number;
  readonly type: CosemType<T>;
  readonly access: DeclaredAccess;
  /** The value changes by itself (Blue Book `dyn.`). */
  readonly dynamic: boolean;
  /** Selective access: the selectors a GET may carry. */
  readonly selectors: readonly number[];
}

export interface MethodDeclaration<P = unknown, R = unknown> {
  readonly index: number;
  readonly parameters: CosemType<P>;
  /** Undefined: the method returns no data. */
  readonly returns: CosemType<R> | undefined;
}

/** A COSEM interface class (IEC 62056-6-2): what A-XDR, REST JSON, OpenAPI and the conformance checks follow from. */
export interface InterfaceClass<
  A extends Readonly<Record<string, AttributeDeclaration>> = Readonly<Record<string, AttributeDeclaration>>,
  M extends Readonly<Record<string, MethodDeclaration>> = Readonly<Record<string, MethodDeclaration>>,
> {
  readonly name: string;
  readonly classId: number;
  readonly version: number;
  readonly attributes: A;
  readonly methods: M;
  /** By index, for the wire: `attributeAt[2]` is `["value", declaration]`. */
  readonly attributeAt: readonly (readonly [string, AttributeDeclaration] | undefined)[];
  readonly methodAt: readonly (readonly [string, MethodDeclaration] | undefined)[];
}

/** Names of a class's attributes and methods, and the JavaScript types of their values. */
export type AttributeName<C extends InterfaceClass> = keyof C["attributes"] & string;
export type MethodName<C extends InterfaceClass> = keyof C["methods"] & string;
export type AttributeValue<C extends InterfaceClass, N extends AttributeName<C>> =
  C["attributes"][N] extends AttributeDeclaration<infer T> ? T : never;
export type MethodParameters<C extends InterfaceClass, N extends MethodName<C>> =
  C["methods"][N] extends MethodDeclaration<infer P, infer _R> ? P : never;
export type MethodResult<C extends InterfaceClass, N extends MethodName<C>> =
  C["methods"][N] extends MethodDeclaration<infer _P, infer R> ? R : never;

/** Declares one attribute: index, type, widest access. */
export function attribute<T>(
  index: number,
  type: CosemType<T>,
  options: { access: DeclaredAccess; dynamic?: boolean; selectors?: readonly number[] },
): AttributeDeclaration<T> {
  return Object.freeze({
    index,
    type,
    access: options.access,
    dynamic: options.dynamic ?? false,
    selectors: options.selectors ?? [],
  });
}

/** Declares one method: index, type of its parameters and, where it returns data, of its result. */
export function method<P>(index: number, parameters: CosemType<P>): MethodDeclaration<P, undefined>;
export function method<P, R>(index: number, parameters: CosemType<P>, returns: CosemType<R>): MethodDeclaration<P, R>;
export function method(index: number, parameters: CosemType<unknown>, returns?: CosemType<unknown>): MethodDeclaration {
  return Object.freeze({ index, parameters, returns });
}

/**
 * Declares an interface class; the definition is frozen.
 * @throws RangeError when two attributes or two methods share an index, or attribute 1 is not the logical name
 */
export function defineInterfaceClass<
  const A extends Readonly<Record<string, AttributeDeclaration>>,
  const M extends Readonly<Record<string, MethodDeclaration>>,
>(declaration: { name: string; classId: number; version: number; attributes: A; methods: M }): InterfaceClass<A, M> {
  const attributeAt = byIndex(declaration.name, declaration.attributes);
  if (attributeAt[1]?.[0] !== "logicalName") throw new RangeError(`${declaration.name}: attribute 1 is logicalName`);
  return Object.freeze({
    ...declaration,
    attributes: Object.freeze(declaration.attributes),
    methods: Object.freeze(declaration.methods),
    attributeAt,
    methodAt: byIndex(declaration.name, declaration.methods),
  });
}

function byIndex<D extends { readonly index: number }>(className: string, declarations: Readonly<Record<string, D>>) {
  const list: (readonly [string, D] | undefined)[] = [];
  for (const [name, declaration] of Object.entries(declarations)) {
    if (list[declaration.index] !== undefined) throw new RangeError(`${className}: index ${declaration.index} twice`);
    list[declaration.index] = [name, declaration];
  }
  return Object.freeze(list);
}
