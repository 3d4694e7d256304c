/**
 * The settings as Data objects of the management device (DESIGN, decision 4: each has a logical name of its own). They
 * show what is in force or waits for the next start; secrets are none of them, and lists of groups neither.
 */
import {
  type CosemObject,
  createObject,
  type Data,
  DataClass,
  logicalName,
  nullData,
  type Principal,
  refused,
} from "../../../cosem/index.js";
import { type Settings, settingsDocumentation } from "../../settings/index.js";

export interface SettingObjectsParts {
  current(): Settings;
  /** Checked as a whole, with an audit entry. @param value  null: the default again. @returns whether it was taken */
  write(principal: Principal, path: string, value: unknown): Promise<boolean>;
}

export function createSettingObjects({ current, write }: SettingObjectsParts): readonly CosemObject[] {
  return settingsDocumentation().flatMap(({ path, secret, logicalName: name }) => {
    if (name === undefined || secret) return [];
    const keys = path.split(".");
    const value = {
      get: () => dataOf(valueAt(current(), keys)),
      async set(data: Data, { principal }: { readonly principal: Principal }) {
        const plain = plainOf(data);
        if (plain === undefined) return refused.typeUnmatched;
        return (await write(principal, path, plain)) ? undefined : refused.otherReason;
      },
    };
    return [createObject(DataClass, logicalName(name), { attributes: { value } })];
  });
}

function valueAt(settings: unknown, keys: readonly string[]): unknown {
  return keys.reduce((group, key) => (group as Readonly<Record<string, unknown>> | undefined)?.[key], settings);
}

/** utf8-string, double-long, boolean, an array of these; null-data where nothing is set. */
function dataOf(value: unknown): Data {
  if (typeof value === "string") return { type: "utf8-string", value };
  if (typeof value === "boolean") return { type: "boolean", value };
  if (typeof value === "number") {
    const isShort = Math.abs(value) < 2 ** 31;
    return isShort ? { type: "double-long", value } : { type: "long64", value: BigInt(value) };
  }
  return Array.isArray(value) ? { type: "array", value: value.map(dataOf) } : nullData;
}

/** What a settings file would hold; undefined for a type that is no setting's. */
function plainOf(data: Data): unknown {
  switch (data.type) {
    case "null-data":
      return null;
    case "boolean":
    case "utf8-string":
    case "visible-string":
      return data.value;
    case "octet-string":
      return new TextDecoder().decode(data.value);
    case "array": {
      const items = data.value.map(plainOf);
      return items.includes(undefined) ? undefined : items;
    }
    case "long64":
    case "long64-unsigned":
    case "double-long":
    case "double-long-unsigned":
    case "long":
    case "long-unsigned":
    case "integer":
    case "unsigned":
    case "enum":
      return Number(data.value);
    default:
      return undefined;
  }
}
