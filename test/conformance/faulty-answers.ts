/** Requests and answers as faults look at them, and change them. */
import {
  type AttributeDescriptor,
  type Data,
  decodeGetRequest,
  decodeGetResponse,
  decodeSetRequest,
  encodeGetRequest,
  encodeGetResponse,
  fromHex,
  type GetDataResult,
  toHex,
} from "../../cosem/index.js";

/** Accepts with logical names, PDU size 1024, all services of `acse.json`'s plain association. */
export const acceptance = fromHex(
  "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e1d04000007",
);
/** Rejects with the diagnostic no-reason-given. */
export const rejection = fromHex("6117a109060760857405080101a203020101a305a103020101");
/** A value, whatever was asked. */
export const anyValue = fromHex("c401c1000600000001");
export const exception = fromHex("d80101");

export const isAarq = (apdu: Uint8Array): boolean => apdu[0] === 0x60;
export const isGet = (apdu: Uint8Array): boolean => apdu[0] === 0xc0;
export const isSet = (apdu: Uint8Array): boolean => apdu[0] === 0xc1;
export const isAction = (apdu: Uint8Array): boolean => apdu[0] === 0xc3;
/** `at`: offset from the end at which it stands; default anywhere. */
export const holds = (apdu: Uint8Array, hex: string, at?: number): boolean =>
  at === undefined ? toHex(apdu).includes(hex) : toHex(apdu.subarray(at)).startsWith(hex);

/** `class/LN/attribute` of a normal GET or SET. */
export function targetOf(apdu: Uint8Array): string | undefined {
  try {
    const request = isGet(apdu) ? decodeGetRequest(apdu) : isSet(apdu) ? decodeSetRequest(apdu) : undefined;
    return request?.kind === "normal" ? nameOf(request.attribute) : undefined;
  } catch {
    return undefined;
  }
}

const nameOf = ({ classId, logicalName, attributeIndex }: AttributeDescriptor): string =>
  `${classId}/${logicalName}/${attributeIndex}`;

/** The answer with another result, where it answers a normal GET of `target`. */
export function withResult(
  answer: Uint8Array,
  asked: Uint8Array,
  target: string,
  change: (result: GetDataResult) => GetDataResult,
): Uint8Array {
  if (targetOf(asked) !== target || answer[0] !== 0xc4) return answer;
  const response = decodeGetResponse(answer);
  return response.kind === "normal" ? encodeGetResponse({ ...response, result: change(response.result) }) : answer;
}

export function withData(
  answer: Uint8Array,
  asked: Uint8Array,
  target: string,
  change: (data: Data) => Data,
): Uint8Array {
  return withResult(answer, asked, target, (result) =>
    result.kind === "data" ? { kind: "data", data: change(result.data) } : result,
  );
}

export function withElements(data: Data, change: (elements: readonly Data[]) => readonly Data[]): Data {
  return data.type === "array" || data.type === "structure" ? { type: data.type, value: change(data.value) } : data;
}

/** The request with another descriptor. */
export function withAttribute(
  apdu: Uint8Array,
  change: (attribute: AttributeDescriptor) => AttributeDescriptor,
): Uint8Array {
  if (!isGet(apdu) || apdu[1] !== 1) return apdu;
  try {
    const request = decodeGetRequest(apdu);
    return request.kind === "normal" ? encodeGetRequest({ ...request, attribute: change(request.attribute) }) : apdu;
  } catch {
    return apdu;
  }
}

/** The selector's parameters changed, where the GET has that selector. */
export function withParameters(
  apdu: Uint8Array,
  selector: number,
  change: (elements: readonly Data[]) => readonly Data[],
): Uint8Array {
  return withAttribute(apdu, (attribute) => {
    const { selectiveAccess } = attribute;
    if (selectiveAccess?.selector !== selector) return attribute;
    return {
      ...attribute,
      selectiveAccess: { selector, parameters: withElements(selectiveAccess.parameters, change) },
    };
  });
}

export const selectorOf = (apdu: Uint8Array): number | undefined => {
  let found: number | undefined;
  withAttribute(apdu, (attribute) => {
    found = attribute.selectiveAccess?.selector;
    return attribute;
  });
  return found;
};

/** The last `bytes` replaced. */
export function endingWith(apdu: Uint8Array, bytes: readonly number[]): Uint8Array {
  const changed = new Uint8Array(apdu);
  changed.set(bytes, changed.length - bytes.length);
  return changed;
}

export const number = (type: "long-unsigned" | "double-long-unsigned" | "unsigned" | "enum", value: number): Data => ({
  type,
  value,
});
