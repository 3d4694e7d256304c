/** Profile generic by range and by entry. */
import { conformanceBit, type Data, type SelectiveAccessDescriptor } from "../../cosem/index.js";
import { type CaseContext, type ConformanceCase, fail, type Outcome, pass } from "../case.js";
import { Inapplicable } from "../session/verdict-errors.js";
import {
  clockOf,
  findProfile,
  instantOf,
  otherColumn,
  type ReadProfile,
  readRows,
  sameRows,
} from "./profile-reader.js";
import { byEntry, byRange } from "./selectors.js";

interface Selection {
  readonly selectiveAccess: SelectiveAccessDescriptor;
  readonly due: readonly (readonly Data[])[];
}

const yearsBefore = Uint8Array.from([0x07, 0xb2, 1, 1, 0xff, 0, 0, 0, 0, 0x80, 0, 0xff]);
const alsoYearsBefore = Uint8Array.from([0x07, 0xb2, 1, 2, 0xff, 0, 0, 0, 0, 0x80, 0, 0xff]);

/** Rows whose clock lies within those of two of them, both included. */
function between(profile: ReadProfile, first: number, last: number) {
  const from = clockOf(profile, profile.rows[first] ?? []);
  const to = clockOf(profile, profile.rows[last] ?? []);
  const [start, end] = [instantOf(from), instantOf(to)].sort((one, other) => one - other);
  const due = profile.rows.filter((row) => {
    const at = instantOf(clockOf(profile, row));
    return at >= (start ?? 0) && at <= (end ?? 0);
  });
  const isForward = instantOf(from) <= instantOf(to);
  return { from: isForward ? from : to, to: isForward ? to : from, due };
}

async function check(context: CaseContext, selector: 1 | 2, select: (profile: ReadProfile) => Selection) {
  const session = await context.shared();
  session.require(conformanceBit.selectiveAccess, "selective access");
  // A row may be captured between the two reads: look again before saying so.
  for (let attempt = 1; ; attempt++) {
    const profile = await findProfile(context, session);
    if (!profile.selectors.includes(selector)) throw new Inapplicable(`selector ${selector} is not listed`);
    const { selectiveAccess, due } = select(profile);
    const seen = await readRows(session, profile.logicalName, selectiveAccess);
    if (sameRows(seen, due)) return pass(`${profile.logicalName}: ${due.length} rows`);
    if (attempt === 2) return wrongRows(profile, seen, due);
  }
}

function wrongRows(
  profile: ReadProfile,
  seen: readonly (readonly Data[])[],
  due: readonly (readonly Data[])[],
): Outcome {
  const columns = (rows: readonly (readonly Data[])[]) => rows[0]?.length ?? 0;
  const words = (rows: readonly (readonly Data[])[]) => `${rows.length} rows of ${columns(rows)} columns`;
  return fail(`${profile.logicalName}: ${words(seen)} instead of ${words(due)}, or other values`);
}

const reference = "IEC 62056-6-2, class 7, selective access by range";
const entryReference = "IEC 62056-6-2, class 7, selective access by entry";
const needs = { referencing: "ln" } as const;
const scope = "device";

export const profileCases: readonly ConformanceCase[] = [
  {
    name: "PROFILE_RANGE_1",
    about: "By range, the whole: both ends belong to it",
    reference,
    needs,
    scope,
    run: (context) =>
      check(context, 1, (profile) => {
        const { from, to, due } = between(profile, 0, profile.rows.length - 1);
        return { selectiveAccess: byRange(profile.clock, from, to), due };
      }),
  },
  {
    name: "PROFILE_RANGE_2",
    about: "By range, outside of all rows: an empty array",
    reference,
    needs,
    scope,
    run: (context) =>
      check(context, 1, (profile) => ({
        selectiveAccess: byRange(profile.clock, yearsBefore, alsoYearsBefore),
        due: [],
      })),
  },
  {
    name: "PROFILE_RANGE_3",
    about: "By range, a part",
    reference,
    needs,
    scope,
    run: (context) =>
      check(context, 1, (profile) => {
        const { from, to, due } = between(profile, 1, 3);
        return { selectiveAccess: byRange(profile.clock, from, to), due };
      }),
  },
  {
    name: "PROFILE_RANGE_4",
    about: "By range, a part of two columns",
    reference,
    needs,
    scope,
    run: (context) =>
      check(context, 1, (profile) => {
        const { from, to, due } = between(profile, 1, 3);
        const { index, column } = otherColumn(profile);
        const columns = [profile.clock, column];
        return {
          selectiveAccess: byRange(profile.clock, from, to, columns),
          due: due.map((row) => [profile.clockColumn, index].flatMap((at) => row[at] ?? [])),
        };
      }),
  },
  {
    name: "PROFILE_ENTRY_1",
    about: "By entry, one cell",
    reference: entryReference,
    needs,
    scope,
    run: (context) =>
      check(context, 2, (profile) => ({
        selectiveAccess: byEntry(2, 2, 2, 2),
        due: profile.rows.slice(1, 2).map((row) => row.slice(1, 2)),
      })),
  },
  {
    name: "PROFILE_ENTRY_2",
    about: "By entry, all: 0 stands for the last entry and the last column",
    reference: entryReference,
    needs,
    scope,
    run: (context) =>
      check(context, 2, (profile) => {
        if (!profile.isWhole) throw new Inapplicable("the profile has too many rows to read them all here");
        return { selectiveAccess: byEntry(1, 0, 1, 0), due: profile.rows };
      }),
  },
  {
    name: "PROFILE_ENTRY_3",
    about: "By entry, a part",
    reference: entryReference,
    needs,
    scope,
    run: (context) =>
      check(context, 2, (profile) => ({
        selectiveAccess: byEntry(2, 4, 1, 2),
        due: profile.rows.slice(1, 4).map((row) => row.slice(0, 2)),
      })),
  },
];
