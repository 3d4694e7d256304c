/** Values as the command line shows them: in JSON by the class's declaration, and as text. */
import { classById, type Data, formatScaled, nearestDecimal, types } from "../../../cosem/index.js";

/** In the form that the class's declaration gives, where class and type are as declared. */
export function shown(data: Data, classId?: number, attributeIndex?: number) {
  const value = declaredJson(data, classId, attributeIndex) ?? types.dataToJson(data);
  const readable = data.type === "octet-string" ? readableText(data.value) : undefined;
  return { value, text: `${JSON.stringify(value)}${readable === undefined ? "" : ` "${readable}"`} (${data.type})` };
}

function declaredJson(data: Data, classId: number | undefined, attributeIndex: number | undefined): unknown {
  if (classId === undefined || attributeIndex === undefined) return undefined;
  const type = classById(classId)?.attributeAt[attributeIndex]?.[1].type;
  try {
    return type?.toJson(type.fromData(data));
  } catch (error) {
    if (error instanceof types.TypeUnmatched || error instanceof types.ScopeOfAccessViolated) return undefined;
    throw error;
  }
}

/** Octets that are printable text, as names often are. */
function readableText(octets: Uint8Array): string | undefined {
  const isPrintable = octets.length > 0 && octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  return isPrintable ? String.fromCharCode(...octets) : undefined;
}

export function shownScaled(data: Data, scaler: number, unit: string) {
  if (!("value" in data) || (typeof data.value !== "number" && typeof data.value !== "bigint")) return shown(data);
  const value = data.type === "float32" ? nearestDecimal(data.value) : data.value;
  return { value: types.jsonInteger(value), scaler, unit, text: `${formatScaled(value, scaler)} ${unit}`.trimEnd() };
}
