/** From the requests of an association to the registry and back to codes and data; nothing is kept here. */
import {
  type AccessAnswer,
  type AccessSpecification,
  type ActionResponseData,
  type Answer,
  type ArrayStream,
  type AttributeDescriptor,
  accessResponseProtection,
  actionResult,
  type Data,
  dataAccessResult,
  type GetAnswer,
  type InvokeResult,
  type LogicalDevice,
  type MethodDescriptor,
  notExecuted,
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

/** What was asked for, as far as its rights matter. */
export interface Asked {
  readonly attributes: readonly AttributeDescriptor[];
  readonly methods: readonly MethodDescriptor[];
}

/** Protection bits that the answer needs because of the rights of what it tells; see bits 5 to 7 of access rights. */
export function answerProtection({ device, principal }: Caller, { attributes, methods }: Asked): number {
  let bits = 0;
  for (const { classId, logicalName, attributeIndex } of attributes) {
    const object = device.find(logicalName, classId);
    if (object !== undefined) bits |= principal.association.attributeAccess(device, object, attributeIndex);
  }
  for (const { classId, logicalName, methodIndex } of methods) {
    const object = device.find(logicalName, classId);
    if (object !== undefined) bits |= principal.association.methodAccess(device, object, methodIndex);
  }
  return (bits & accessResponseProtection) >> 3;
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

export function read(caller: Caller, attribute: AttributeDescriptor): Answer<ReadResult> {
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

export function streamOf(result: ReadResult): ArrayStream | undefined {
  return result.ok && result.value.type === "array-stream" ? result.value : undefined;
}

export function toAnswer(result: ReadResult): GetAnswer {
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
  return inOrder(attributes, (attribute, index) => write(caller, attribute, values[index]));
}

export function write(caller: Caller, attribute: AttributeDescriptor, value: Data | undefined): Answer<number> {
  if (value === undefined) return dataAccessResult.otherReason;
  const { classId, logicalName, attributeIndex, selectiveAccess } = attribute;
  const target = { device: caller.device, logicalName, classId, attributeIndex };
  const result = guarded<WriteResult>(caller, () =>
    caller.registry.write(target, value, caller.principal, selectiveAccess),
  );
  return result instanceof Promise ? result.then(toWriteCode) : toWriteCode(result);
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
  return inOrder(methods, (method, index) => invoke(caller, method, parameters[index]));
}

export function invoke(
  caller: Caller,
  method: MethodDescriptor,
  parameters: Data | undefined,
): Answer<ActionResponseData> {
  const { classId, logicalName, methodIndex } = method;
  const target = { device: caller.device, logicalName, classId, methodIndex };
  const result = guarded<InvokeResult>(caller, () => caller.registry.invoke(target, parameters, caller.principal));
  return result instanceof Promise ? result.then(toActionResponse) : toActionResponse(result);
}

function toActionResponse(result: InvokeResult): ActionResponseData {
  if (!result.ok) return { result: actionResultFor[result.refusal], returned: undefined };
  const returned = result.value === undefined ? undefined : ({ kind: "data", data: result.value } as const);
  return { result: actionResult.success, returned };
}

export interface AccessAnswers {
  readonly answers: readonly AccessAnswer[];
  /** By index of the answer. */
  readonly streams: readonly (ArrayStream | undefined)[];
}

/** A list of the ACCESS service: each specification after the one before it, until the first error where that is wanted. */
export function accessAll(
  caller: Caller,
  specifications: readonly AccessSpecification[],
  data: readonly Data[],
  breakOnError: boolean,
): Answer<AccessAnswers> {
  const streams: (ArrayStream | undefined)[] = [];
  let isBroken = false;
  const note = (answer: AccessAnswer): AccessAnswer => {
    isBroken ||= breakOnError && answer.result !== dataAccessResult.success;
    return answer;
  };
  const one = (specification: AccessSpecification, index: number): Answer<AccessAnswer> => {
    if (isBroken) return notExecuted;
    const answer = access(caller, specification, data[index], (stream) => {
      streams[index] = stream;
    });
    return answer instanceof Promise ? answer.then(note) : note(answer);
  };
  const answers = inOrder(specifications, one);
  return answers instanceof Promise ? answers.then((all) => ({ answers: all, streams })) : { answers, streams };
}

function access(
  caller: Caller,
  specification: AccessSpecification,
  value: Data | undefined,
  onStream: (stream: ArrayStream) => void,
): Answer<AccessAnswer> {
  switch (specification.kind) {
    case "get": {
      const told = (result: ReadResult): AccessAnswer => {
        const stream = streamOf(result);
        if (stream !== undefined) onStream(stream);
        const answer = toAnswer(result);
        if (answer.kind === "error") return { result: answer.error, value: undefined };
        return { result: dataAccessResult.success, value: answer };
      };
      const result = read(caller, specification.attribute);
      return result instanceof Promise ? result.then(told) : told(result);
    }
    case "set": {
      const coded = (result: number): AccessAnswer => ({ result, value: undefined });
      const result = write(caller, specification.attribute, value);
      return result instanceof Promise ? result.then(coded) : coded(result);
    }
    case "action": {
      const told = ({ result, returned }: ActionResponseData): AccessAnswer => ({
        result,
        value: returned?.kind === "data" ? returned : undefined,
      });
      const parameters = value?.type === "null-data" ? undefined : value;
      const result = invoke(caller, specification.method, parameters);
      return result instanceof Promise ? result.then(told) : told(result);
    }
  }
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
export function inOrder<I, R>(items: readonly I[], run: (item: I, index: number) => Answer<R>): Answer<readonly R[]> {
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
