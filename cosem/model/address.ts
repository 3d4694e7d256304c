import { type LogicalName, parseLogicalName } from "./logical-name.js";

/**
 * The one written address of everything readable: `<device>/<OBIS>/<attribute>`, with `3:` before the OBIS code where
 * two classes share it, and without the attribute where an object is meant. Parsed and printed here alone.
 */
export interface CosemAddress {
  /** Logical device name, `gateway`, or the alias `sap<number>`. */
  readonly device: string;
  readonly classId?: number;
  readonly logicalName: LogicalName;
  readonly attributeIndex?: number;
}

const shape = /^([^/\s]{1,64})\/(?:(\d{1,5}):)?(\d{1,3}-[0-9:.*]+)(?:\/(\d{1,3}))?$/;

/** Undefined when `text` is not an address. */
export function parseAddress(text: string): CosemAddress | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, device, classId, obis, attribute] = match;
  const name = parseLogicalName(obis ?? "");
  if (device === undefined || name === undefined || Number(classId ?? 0) > 65535) return undefined;
  if (Number(attribute ?? 0) > 127) return undefined;
  return {
    device,
    logicalName: name,
    ...(classId === undefined ? {} : { classId: Number(classId) }),
    ...(attribute === undefined ? {} : { attributeIndex: Number(attribute) }),
  };
}

/** Prints what parseAddress() reads. */
export function formatAddress(address: CosemAddress): string {
  const classPart = address.classId === undefined ? "" : `${address.classId}:`;
  const attributePart = address.attributeIndex === undefined ? "" : `/${address.attributeIndex}`;
  return `${address.device}/${classPart}${address.logicalName}${attributePart}`;
}
