import {
  type CaptureObject,
  insertRow,
  ProfileGeneric,
  parseBufferSelection,
  type Row,
  reorder,
  selectRows,
  sortColumnOf,
  type sortMethod,
} from "../../classes/index.js";
import { type Data, nullData } from "../../codec/data.js";
import type { LogicalName } from "../../model/logical-name.js";
import { arrayOrStream } from "../array-stream.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";
import { refused } from "../refused.js";
import { whenAccepted } from "../when-accepted.js";
import type { ColumnReader } from "./column-reader.js";

/** What a profile is set to. */
export interface ProfileSettings {
  readonly captureObjects: readonly CaptureObject[];
  /** Seconds; 0: by capture() only. */
  readonly capturePeriod: number;
  readonly sortMethod: (typeof sortMethod)[keyof typeof sortMethod];
  /** All 0: none. */
  readonly sortObject: CaptureObject;
  readonly profileEntries: number;
}

export interface CapturingProfileParts extends ProfileSettings {
  readonly logicalName: LogicalName;
  readonly readColumn: ColumnReader;
  /** Most rows that profile_entries may be set to: they are in memory. Default: 10,000. */
  readonly mostEntries?: number;
  /** See SelectionColumns. */
  readonly deviationAt?: (localMs: number) => number;
  /** Rows to begin with, in the order of the buffer. */
  readonly rows?: readonly Row[];
  /** Told of new settings before they hold; without it nothing can be written. */
  readonly changed?: (settings: ProfileSettings, context: AccessContext) => Answer<undefined | Refused>;
  /** Told of each new buffer, to keep it. */
  readonly kept?: (rows: readonly Row[]) => void;
}

export interface CapturingProfile extends CosemObject {
  /** Captures a row as method 2 does. */
  capture(): Answer<undefined>;
  settings(): ProfileSettings;
}

const mostColumns = 64;

/**
 * A profile that reads its own columns; its owner calls capture() at nextCapture(). A column that cannot be read is
 * null-data in its row. A change of capture objects or capture period empties the buffer, another order sorts it anew.
 */
export function createCapturingProfile(parts: CapturingProfileParts): CapturingProfile {
  const { changed, deviationAt, mostEntries = 10_000 } = parts;
  let settings: ProfileSettings = {
    captureObjects: parts.captureObjects,
    capturePeriod: parts.capturePeriod,
    sortMethod: parts.sortMethod,
    sortObject: parts.sortObject,
    profileEntries: parts.profileEntries,
  };
  let rows: readonly Row[] = parts.rows ?? [];

  function order() {
    const { captureObjects, sortObject, ...rest } = settings;
    return { ...rest, sortColumn: sortColumnOf(captureObjects, sortObject) };
  }

  function keep(next: readonly Row[]): undefined {
    rows = next;
    parts.kept?.(rows);
    return undefined;
  }

  function capture(): Answer<undefined> {
    const columns = settings.captureObjects;
    const cells = columns.map(parts.readColumn);
    if (!cells.some((cell) => cell instanceof Promise)) return insert(columns, cells as (Data | undefined)[]);
    return Promise.all(cells).then((later) => insert(columns, later));
  }

  /** Nothing is kept of a row whose columns are no longer captured. */
  function insert(columns: readonly CaptureObject[], cells: readonly (Data | undefined)[]): undefined {
    if (columns !== settings.captureObjects || columns.length === 0) return undefined;
    const row = cells.map((cell) => cell ?? nullData);
    return keep(insertRow(rows, row, order()));
  }

  function change(part: Partial<ProfileSettings>, context: AccessContext): Answer<undefined | Refused> {
    const next = { ...settings, ...part };
    const { profileEntries, captureObjects } = next;
    if (profileEntries === 0 || profileEntries > mostEntries) return refused.scopeOfAccessViolated;
    if (captureObjects.length > mostColumns || captureObjects.some(isOwnBuffer)) return refused.scopeOfAccessViolated;
    return whenAccepted(changed?.(next, context), () => {
      settings = next;
      const isOther = part.captureObjects !== undefined || part.capturePeriod !== undefined;
      keep(isOther ? [] : reorder(rows, order()));
    });
  }

  function isOwnBuffer({ classId, logicalName }: CaptureObject): boolean {
    return classId === ProfileGeneric.classId && logicalName === parts.logicalName;
  }

  function member<N extends keyof ProfileSettings>(name: N) {
    const get = () => settings[name];
    if (changed === undefined) return { get };
    return { get, set: (value: ProfileSettings[N], context: AccessContext) => change({ [name]: value }, context) };
  }

  function readBuffer({ selectiveAccess }: AccessContext) {
    const { captureObjects } = settings;
    const columns = deviationAt === undefined ? { captureObjects } : { captureObjects, deviationAt };
    const selected =
      selectiveAccess === undefined
        ? rows
        : selectRows(rows, parseBufferSelection(selectiveAccess, columns), deviationAt);
    return { ok: true, value: arrayOrStream(selected, (value) => ({ type: "structure", value })) } as const;
  }

  const object = createObject(ProfileGeneric, parts.logicalName, {
    attributes: {
      buffer: { getData: readBuffer },
      captureObjects: member("captureObjects"),
      capturePeriod: member("capturePeriod"),
      sortMethod: member("sortMethod"),
      sortObject: member("sortObject"),
      entriesInUse: { get: () => rows.length },
      profileEntries: member("profileEntries"),
    },
    methods: { reset: () => keep([]), capture },
  });
  return { ...object, capture, settings: () => settings };
}
