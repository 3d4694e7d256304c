/** READ and WRITE of an association: from short names to the registry and back to codes and data; nothing is kept here. */
import {
  type Answer,
  type ArrayStream,
  type AttributeDescriptor,
  actionResult,
  type Data,
  dataAccessResult,
  type GetAnswer,
  type MethodDescriptor,
  nullData,
  type ReadResult,
  type ShortNameDevice,
  type VariableReference,
} from "../../../cosem/index.js";
import {
  type Asked,
  type Caller,
  type GetAnswers,
  inOrder,
  invoke,
  read,
  streamOf,
  toAnswer,
  write,
} from "./registry-calls.js";

/** What a variable turned out to be; undefined: nothing has that name. */
export type ResolvedVariable =
  | { readonly kind: "attribute"; readonly attribute: AttributeDescriptor }
  /** Parameters only where the reference brought them. */
  | { readonly kind: "method"; readonly method: MethodDescriptor; readonly parameters: Data | undefined }
  | undefined;

export function resolveVariables(
  names: ShortNameDevice,
  variables: readonly VariableReference[],
): readonly ResolvedVariable[] {
  const targets = names.resolve(variables.map(({ variableName }) => variableName));
  return variables.map(({ parameterizedAccess }, position) => {
    const target = targets[position];
    if (target === undefined) return undefined;
    const { kind, index, object } = target;
    const { classId } = object.interfaceClass;
    const { logicalName } = object;
    if (kind === "method") {
      const method = { classId, logicalName, methodIndex: index };
      return { kind, method, parameters: parameterizedAccess?.parameters };
    }
    return { kind, attribute: { classId, logicalName, attributeIndex: index, selectiveAccess: parameterizedAccess } };
  });
}

/** For the rights: what is asked for. */
export function askedVariables(variables: readonly ResolvedVariable[]): Asked {
  return {
    attributes: variables.flatMap((variable) => (variable?.kind === "attribute" ? [variable.attribute] : [])),
    methods: variables.flatMap((variable) => (variable?.kind === "method" ? [variable.method] : [])),
  };
}

/** In the order of the list, each after the one before it: a method among them may change what comes next. */
export function readVariables(caller: Caller, variables: readonly ResolvedVariable[]): Answer<GetAnswers> {
  const streams: (ArrayStream | undefined)[] = [];
  const told = (result: ReadResult, index: number): GetAnswer => {
    const stream = streamOf(result);
    if (stream !== undefined) streams[index] = stream;
    return toAnswer(result);
  };
  const one = (variable: ResolvedVariable, index: number): Answer<GetAnswer> => {
    if (variable === undefined) return { kind: "error", error: dataAccessResult.objectUndefined };
    if (variable.kind === "method") return call(caller, variable.method, variable.parameters);
    const result = read(caller, variable.attribute);
    return result instanceof Promise ? result.then((later) => told(later, index)) : told(result, index);
  };
  const answers = inOrder(variables, one);
  return answers instanceof Promise ? answers.then((all) => ({ answers: all, streams })) : { answers, streams };
}

/** A method is called where its parameters come along; its name alone has no value. */
function call(caller: Caller, method: MethodDescriptor, parameters: Data | undefined): Answer<GetAnswer> {
  if (parameters === undefined) return { kind: "error", error: dataAccessResult.readWriteDenied };
  const told = ({ result, returned }: Awaited<ReturnType<typeof invoke>>): GetAnswer => {
    if (result !== actionResult.success) return { kind: "error", error: result };
    return { kind: "data", data: returned?.kind === "data" ? returned.data : nullData };
  };
  const response = invoke(caller, method, given(parameters));
  return response instanceof Promise ? response.then(told) : told(response);
}

/** In the order of the list, each after the one before it; a method is called with the value. */
export function writeVariables(
  caller: Caller,
  variables: readonly ResolvedVariable[],
  values: readonly Data[],
): Answer<readonly number[]> {
  return inOrder(variables, (variable, index): Answer<number> => {
    const value = values[index];
    if (variable === undefined) return dataAccessResult.objectUndefined;
    if (variable.kind === "attribute") return write(caller, variable.attribute, value);
    const response = invoke(caller, variable.method, given(value));
    return response instanceof Promise ? response.then(({ result }) => result) : response.result;
  });
}

/** null-data stands for no parameters. */
function given(parameters: Data | undefined): Data | undefined {
  return parameters?.type === "null-data" ? undefined : parameters;
}
