/** From the requests of an association to the registry and back to codes and data; nothing is kept here. */
import {
  type ActionResponseData,
  type Answer,
  type ArrayStream,
  type AttributeDescriptor,
  actionResult,
  type Data,
  dataAccessResult,
  type GetAnswer,
  type InvokeResult,
  type LogicalDevice,
  type MethodDescriptor,
  type Principal,
  type ReadResult,
  type Registry,
  type WriteResult,
} from "../../../cosem/index.js";
import { actionResultFor, dataAccessResultFor } from "./errors.js";

/** Who asks, and which logical device. */
export interface Caller {
  readonly registry: Registry;
  readonly device: LogicalDevice;
  readonly principal: Principal;
  /** A fault of our own: told loudly, answered as other-reason. */
  onFault(error: unknown): void;
}

export interface GetAnswers {
  readonly answers: readonly GetAnswer[];
  /** By index of the answer. */
  readonly streams: readonly (ArrayStream | undefined)[] | undefined;
}

export function readAttributes(
  caller: Caller,
  attributes: readonly AttributeDescriptor[],
): GetAnswers | Promise<GetAnswers> {
  const [only] = attributes;
  if (attributes.length === 1 && only !== undefined) {
    const result = read(caller, only);
    return result instanceof Promise ? result.then(answerOne) : answerOne(result);
  }
  const results = attributes.map((attribute) => read(caller, attribute));
  return together(results, answerAll);
}

function read(caller: Caller, attribute: AttributeDescriptor): Answer<ReadResult> {
  const { classId, logicalName, attributeIndex, selectiveAccess } = attribute;
  const target = { device: caller.device, logicalName, classId, attributeIndex };
  try {
    const result = caller.registry.read(target, caller.principal, selectiveAccess);
    return result instanceof Promise ? result.catch((error: unknown) => faulty(caller, error)) : result;
  } catch (error) {
    return faulty(caller, error);
  }
}

function answerOne(result: ReadResult): GetAnswers {
  const stream = streamOf(result);
  return { answers: [toAnswer(result)], streams: stream === undefined ? undefined : [stream] };
}

function answerAll(results: readonly ReadResult[]): GetAnswers {
  const streams = results.map(streamOf);
  return { answers: results.map(toAnswer), streams: streams.some((stream) => stream) ? streams : undefined };
}

function streamOf(result: ReadResult): ArrayStream | undefined {
  return result.ok && result.value.type === "array-stream" ? result.value : undefined;
}

function toAnswer(result: ReadResult): GetAnswer {
  if (!result.ok) return { kind: "error", error: dataAccessResultFor[result.refusal] };
  const { value } = result;
  return value.type === "array-stream" ? { kind: "stream", count: value.count } : { kind: "data", data: value };
}

/** In the order of the list, each after the one before it. @returns codes of Data-Access-Result */
export function writeAttributes(
  caller: Caller,
  attributes: readonly AttributeDescriptor[],
  values: readonly Data[],
): Answer<readonly number[]> {
  return inOrder(attributes, (attribute, index) => {
    const value = values[index];
    if (value === undefined) return dataAccessResult.otherReason;
    const { classId, logicalName, attributeIndex, selectiveAccess } = attribute;
    const target = { device: caller.device, logicalName, classId, attributeIndex };
    const result = guarded<WriteResult>(caller, () =>
      caller.registry.write(target, value, caller.principal, selectiveAccess),
    );
    return result instanceof Promise ? result.then(toWriteCode) : toWriteCode(result);
  });
}

function toWriteCode(result: WriteResult): number {
  return result.ok ? dataAccessResult.success : dataAccessResultFor[result.refusal];
}

/** In the order of the list, each after the one before it. */
export function invokeMethods(
  caller: Caller,
  methods: readonly MethodDescriptor[],
  parameters: readonly (Data | undefined)[],
): Answer<readonly ActionResponseData[]> {
  return inOrder(methods, (method, index) => {
    const { classId, logicalName, methodIndex } = method;
    const target = { device: caller.device, logicalName, classId, methodIndex };
    const result = guarded<InvokeResult>(caller, () =>
      caller.registry.invoke(target, parameters[index], caller.principal),
    );
    return result instanceof Promise ? result.then(toActionResponse) : toActionResponse(result);
  });
}

function toActionResponse(result: InvokeResult): ActionResponseData {
  if (!result.ok) return { result: actionResultFor[result.refusal], returned: undefined };
  const returned = result.value === undefined ? undefined : ({ kind: "data", data: result.value } as const);
  return { result: actionResult.success, returned };
}

type Failed = { readonly ok: false; readonly refusal: "otherReason" };
const failed: Failed = Object.freeze({ ok: false, refusal: "otherReason" });

function guarded<R>(caller: Caller, call: () => Answer<R>): Answer<R | Failed> {
  try {
    const result = call();
    return result instanceof Promise ? result.catch((error: unknown) => faulty(caller, error)) : result;
  } catch (error) {
    return faulty(caller, error);
  }
}

function faulty(caller: Caller, error: unknown): Failed {
  caller.onFault(error);
  return failed;
}

/** At once where no result must be waited for. */
function together<R, A>(results: readonly Answer<R>[], combine: (results: readonly R[]) => A): Answer<A> {
  if (results.some((result) => result instanceof Promise)) return Promise.all(results).then(combine);
  return combine(results as readonly R[]);
}

/** One after the other; a promise only from the first that is one. */
function inOrder<I, R>(items: readonly I[], run: (item: I, index: number) => Answer<R>): Answer<readonly R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) {
    const result = run(item, index);
    if (result instanceof Promise) return finishInOrder(items, run, results, result);
    results.push(result);
  }
  return results;
}

async function finishInOrder<I, R>(
  items: readonly I[],
  run: (item: I, index: number) => Answer<R>,
  results: R[],
  first: Promise<R>,
): Promise<readonly R[]> {
  results.push(await first);
  for (let index = results.length; index < items.length; index++) {
    results.push(await run(items[index] as I, index));
  }
  return results;
}
