import {
  type CaptureObject,
  type CompactBuffer,
  CompactData,
  CompactDataV0,
  captureMethod,
  compact,
  type RestrictedCaptureObject,
} from "../../classes/index.js";
import { toHex } from "../../codec/bytes.js";
import { type Data, nullData } from "../../codec/data.js";
import type { LogicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";
import { refused } from "../refused.js";
import { whenAccepted } from "../when-accepted.js";
import type { ColumnReader } from "./column-reader.js";

export type CompactCaptureMethod = (typeof captureMethod)[keyof typeof captureMethod];

export interface CompactDataParts {
  readonly logicalName: LogicalName;
  /** Default: 1, whose capture objects choose rows and columns of profiles. */
  readonly version?: 0 | 1;
  readonly captureObjects: readonly RestrictedCaptureObject[];
  readonly templateId: number;
  /** Default: on reading the buffer. */
  readonly captureMethod?: CompactCaptureMethod;
  readonly readColumn: ColumnReader;
  /** Told of new settings before they hold; without it nothing can be written. */
  readonly changed?: (settings: CompactSettings, context: AccessContext) => Answer<undefined | Refused>;
}

export interface CompactSettings {
  readonly captureObjects: readonly RestrictedCaptureObject[];
  readonly captureMethod: CompactCaptureMethod;
  readonly templateId: number;
}

const mostCaptureObjects = 64;
const empty: CompactBuffer = { buffer: new Uint8Array(), templateDescription: new Uint8Array() };

/**
 * Captured values without tags. The template id grows, modulo 256, when the capture objects change, and when a capture
 * has values of other types than the one before, so that one id always means one description.
 */
export function createCompactData(parts: CompactDataParts): CosemObject {
  const { changed } = parts;
  let settings: CompactSettings = {
    captureObjects: parts.captureObjects,
    captureMethod: parts.captureMethod ?? captureMethod.onRead,
    templateId: parts.templateId,
  };
  let captured = empty;

  function capture(): Answer<undefined> {
    const columns = settings.captureObjects;
    const cells = columns.map(parts.readColumn);
    if (!cells.some((cell) => cell instanceof Promise)) return keep(columns, cells as (Data | undefined)[]);
    return Promise.all(cells).then((later) => keep(columns, later));
  }

  function keep(columns: readonly RestrictedCaptureObject[], cells: readonly (Data | undefined)[]): undefined {
    if (columns !== settings.captureObjects) return undefined;
    const values = cells.map((cell) => cell ?? nullData);
    const next = compact(settings.templateId, values);
    const isOther = toHex(next.templateDescription) !== toHex(captured.templateDescription);
    if (!isOther || captured.templateDescription.length === 0) captured = next;
    else {
      settings = { ...settings, templateId: following(settings.templateId) };
      captured = compact(settings.templateId, values);
    }
    return undefined;
  }

  function readBuffer(): Answer<Uint8Array> {
    if (settings.captureMethod === captureMethod.onInvoke) return captured.buffer;
    const done = capture();
    return done instanceof Promise ? done.then(() => captured.buffer) : captured.buffer;
  }

  function setCaptureObjects(list: readonly RestrictedCaptureObject[], context: AccessContext) {
    if (list.length > mostCaptureObjects || list.some(isOwn)) return refused.scopeOfAccessViolated;
    const next = { ...settings, captureObjects: list, templateId: following(settings.templateId) };
    return whenAccepted(changed?.(next, context), () => {
      settings = next;
      captured = empty;
    });
  }

  function isOwn({ classId, logicalName }: CaptureObject): boolean {
    return classId === CompactData.classId && logicalName === parts.logicalName;
  }

  function setCaptureMethod(value: CompactCaptureMethod, context: AccessContext) {
    const next = { ...settings, captureMethod: value };
    return whenAccepted(changed?.(next, context), () => {
      settings = next;
    });
  }

  const settable = <T>(get: () => T, set: (value: T, context: AccessContext) => Answer<undefined | Refused>) =>
    changed === undefined ? { get } : { get, set };
  const attributes = {
    compactBuffer: { get: readBuffer },
    templateId: { get: () => settings.templateId },
    templateDescription: { get: () => captured.templateDescription },
    captureMethod: settable(() => settings.captureMethod, setCaptureMethod),
  };
  const methods = {
    reset: () => {
      captured = { ...captured, buffer: empty.buffer };
      return undefined;
    },
    capture,
  };
  if (parts.version === 0) {
    const plain = settable<readonly CaptureObject[]>(
      () => settings.captureObjects,
      (list, context) => setCaptureObjects(list.map(unrestricted), context),
    );
    return createObject(CompactDataV0, parts.logicalName, {
      attributes: { ...attributes, captureObjects: plain },
      methods,
    });
  }
  const captureObjects = settable(() => settings.captureObjects, setCaptureObjects);
  return createObject(CompactData, parts.logicalName, { attributes: { ...attributes, captureObjects }, methods });
}

function following(templateId: number): number {
  return (templateId + 1) & 0xff;
}

/** A capture object of version 0, or of a profile, as version 1 has it. */
export function unrestricted(column: CaptureObject): RestrictedCaptureObject {
  const restriction = { restrictionType: 0, restrictionValue: { choice: "none", value: null } } as const;
  return { ...column, restriction, columns: [] };
}
