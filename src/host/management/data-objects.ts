/** Data objects (class 1) of the management device, as short as can be written. */
import {
  type AccessContext,
  type Answer,
  type CosemObject,
  createObject,
  type Data,
  DataClass,
  logicalName,
  type Refused,
} from "../../../cosem/index.js";

/** Read-only; a function is asked at each read. */
export function dataObject(
  name: string,
  value: Data | ((context: AccessContext) => Answer<Data | Refused>),
): CosemObject {
  const handler = typeof value === "function" ? { get: value } : value;
  return createObject(DataClass, logicalName(name), { attributes: { value: handler } });
}

export function octets(text: string): Data {
  return { type: "octet-string", value: new TextEncoder().encode(text) };
}
