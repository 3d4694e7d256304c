/**
 * A logical name (OBIS code, IEC 62056-6-1) in its one written form `A-B:C.D.E*F`, decimal.
 * The brand keeps unparsed text out; equal codes are equal strings.
 */
export type LogicalName = string & { readonly __brand: "LogicalName" };

const pattern = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\*(\d{1,3}))?$/;
const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Parses `A-B:C.D.E*F`, `A-B:C.D.E` (F = 255) or `A.B.C.D.E.F`; undefined when it is none of them. */
export function parseLogicalName(text: string): LogicalName | undefined {
  const match = pattern.exec(text) ?? dotted.exec(text);
  if (match === null) return undefined;
  const groups = match.slice(1).map((group) => (group === undefined ? 255 : Number(group)));
  if (groups.some((group) => group > 255)) return undefined;
  return logicalNameFromBytes(Uint8Array.from(groups));
}

/** For literals in code and maps. @throws RangeError when `text` is not a logical name */
export function logicalName(text: string): LogicalName {
  const parsed = parseLogicalName(text);
  if (parsed === undefined) throw new RangeError(`not a logical name: "${text}"; write A-B:C.D.E*F`);
  return parsed;
}

/** @param bytes at least `offset + 6` bytes, value groups A to F */
export function logicalNameFromBytes(bytes: Uint8Array, offset = 0): LogicalName {
  return `${bytes[offset]}-${bytes[offset + 1]}:${bytes[offset + 2]}.${bytes[offset + 3]}.${bytes[offset + 4]}*${bytes[offset + 5]}` as LogicalName;
}

/** The six value groups A to F. */
export function logicalNameToBytes(name: LogicalName): Uint8Array {
  return Uint8Array.from(name.split(/[-:.*]/), Number);
}
