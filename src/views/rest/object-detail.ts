import {
  type Answer,
  accessRead,
  accessWrite,
  type CosemObject,
  type Data,
  type InterfaceClass,
  type LogicalDevice,
  types,
} from "../../../cosem/index.js";
import { withAnswer } from "./answers.js";
import type { CosemAttribute, CosemObjectDetail } from "./contract.js";
import { wordsFor } from "./errors.js";
import { deviceWords, type MeterContext, objectSummary } from "./meter-json.js";
import { readAttribute } from "./value-json.js";

/**
 * An object with its attributes in the JSON form of their types.
 * @param attributeIndex  this attribute alone; undefined: all
 */
export async function objectDetail(
  context: MeterContext,
  device: LogicalDevice,
  object: CosemObject,
  attributeIndex: number | undefined,
): Promise<CosemObjectDetail> {
  const { interfaceClass } = object;
  const attributes: CosemAttribute[] = [];
  for (const entry of interfaceClass.attributeAt) {
    if (entry === undefined || (attributeIndex !== undefined && entry[1].index !== attributeIndex)) continue;
    const attribute = attributeJson(context, device, object, entry[1].index);
    attributes.push(attribute instanceof Promise ? await attribute : attribute);
  }
  const answer = objectSummary(context, device, object, deviceWords(context, device).of(object));
  const summary = answer instanceof Promise ? await answer : answer;
  return { ...summary, attributes, methods: methodsOf(interfaceClass) };
}

const methods = new WeakMap<InterfaceClass, CosemObjectDetail["methods"]>();

/** The same for all objects of a class: made once. */
function methodsOf(interfaceClass: InterfaceClass): CosemObjectDetail["methods"] {
  let list = methods.get(interfaceClass);
  if (list === undefined) {
    list = interfaceClass.methodAt.flatMap((entry) => (entry ? [{ index: entry[1].index, name: entry[0] }] : []));
    methods.set(interfaceClass, list);
  }
  return list;
}

function attributeJson(
  context: MeterContext,
  device: LogicalDevice,
  object: CosemObject,
  index: number,
): Answer<CosemAttribute> {
  const [name, declaration] = object.interfaceClass.attributeAt[index] ?? ["", undefined];
  const bits = context.principal.association.attributeAccess(device, object, index);
  const readable = (bits & accessRead) !== 0;
  const writable = (bits & accessWrite) !== 0;
  const access = readable ? (writable ? "getSet" : "get") : writable ? "set" : "none";
  const attribute = { index, name, type: declaration?.type.name ?? "", access };
  if (!readable) return { ...attribute, value: null, error: wordsFor.readWriteDenied };

  return withAnswer(readAttribute(context, device, object, index), (result) => {
    if (!result.ok) return { ...attribute, value: null, error: wordsFor[result.refusal] };
    if (result.value.type === "array-stream") {
      result.value.close();
      const error = `${result.value.count} entries: page through GET /api/v1/meters/${device.name}/history`;
      return { ...attribute, value: null, error };
    }
    return { ...attribute, value: attributeValue(declaration?.type, result.value), error: null };
  });
}

/** Data that does not fit its declaration is still shown, in the form of any data. */
function attributeValue(type: types.CosemType<unknown> | undefined, data: Data): unknown {
  if (type === undefined) return types.dataToJson(data);
  try {
    return type.toJson(type.fromData(data));
  } catch (error) {
    if (error instanceof types.TypeUnmatched || error instanceof types.ScopeOfAccessViolated) {
      return types.dataToJson(data);
    }
    throw error;
  }
}
