/** Selective access to a Profile generic's buffer (IEC 62056-6-2, class 7). */
import {
  type CaptureObject,
  type Data,
  logicalNameToBytes,
  type SelectiveAccessDescriptor,
} from "../../cosem/index.js";

const long = (value: number): Data => ({ type: "long-unsigned", value });
const entry = (value: number): Data => ({ type: "double-long-unsigned", value });

/** Selector 2; entries and columns count from 1, 0 means the last. */
export function byEntry(
  fromEntry: number,
  toEntry: number,
  fromColumn: number,
  toColumn: number,
): SelectiveAccessDescriptor {
  const value = [entry(fromEntry), entry(toEntry), long(fromColumn), long(toColumn)];
  return { selector: 2, parameters: { type: "structure", value } };
}

/** Selector 1; both ends belong to the range; no columns means all. */
export function byRange(
  restricting: CaptureObject,
  from: Uint8Array,
  to: Uint8Array,
  columns: readonly CaptureObject[] = [],
): SelectiveAccessDescriptor {
  const value: readonly Data[] = [
    captureObject(restricting),
    { type: "octet-string", value: from },
    { type: "octet-string", value: to },
    { type: "array", value: columns.map(captureObject) },
  ];
  return { selector: 1, parameters: { type: "structure", value } };
}

function captureObject({ classId, logicalName, attributeIndex, dataIndex }: CaptureObject): Data {
  return {
    type: "structure",
    value: [
      long(classId),
      { type: "octet-string", value: logicalNameToBytes(logicalName) },
      { type: "integer", value: attributeIndex },
      long(dataIndex),
    ],
  };
}
