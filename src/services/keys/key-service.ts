/** Keys with rights and audit: what doors call. A key goes in and never comes out. */
import type { KeyRow } from "../../ports/index.js";
import type { MeterList } from "../meter-list/index.js";
import { type ChangeRecorder, denied, refusedRight } from "../recorder.js";
import { accepted, type Refusable, refusal } from "../refusal.js";
import { hasRight } from "../rights.js";
import {
  type FoundColumns,
  findColumns,
  type ImportedFile,
  ImportFindings,
  type ImportOptions,
  type ImportReport,
  readFile,
  writeFile,
} from "../tables/index.js";
import type { KeyDraft, KeyListing, KeyService } from "./contract.js";
import { type KeyField, keyColumns, keyExample, keyOfRow, keyProblems } from "./key-file.js";
import type { KeyRing, NewKey } from "./key-ring.js";

export interface KeyServiceParts {
  readonly list: MeterList;
  readonly keys: KeyRing;
  readonly recorder: ChangeRecorder;
}

export function createKeyService({ list, keys, recorder }: KeyServiceParts): KeyService {
  const shown = (row: KeyRow, uses: ReadonlyMap<number, number>): KeyListing => {
    const { id, address, manufacturer, deviceType, version, meterId, addedAtMs } = row;
    const device = meterId === undefined ? undefined : list.device(meterId)?.name;
    return { id, address, manufacturer, deviceType, version, device, addedAtMs, meterCount: uses.get(id) ?? 0 };
  };

  /** By key, how many meters are opened with it. */
  function countUses(): ReadonlyMap<number, number> {
    const uses = new Map<number, number>();
    if (keys.index.size === 0) return uses;
    for (const device of list.devices()) {
      if (keys.isDeclared(device.row.id)) continue;
      const key = keys.index.best(list.identityOf(device));
      if (key !== undefined) uses.set(key.id, (uses.get(key.id) ?? 0) + 1);
    }
    return uses;
  }

  return {
    list(principal, { afterId = 0, limit }) {
      if (!hasRight(principal, "keys.read")) return denied(principal, "keys.read");
      const rows = [...keys.index.rows].filter(({ id }) => id > afterId).sort((one, other) => one.id - other.id);
      const uses = countUses();
      const page = rows.slice(0, limit).map((row) => shown(row, uses));
      const nextAfterId = rows.length > limit ? page.at(-1)?.id : undefined;
      return accepted({ keys: page, nextAfterId, total: keys.index.size });
    },
    async add(principal, draft) {
      const target = draft.device ?? patternWords(draft);
      const action = draft.device === undefined ? "keys.add" : "keys.link";
      const refused = refusedRight(principal, "keys.write", { recorder, action, target });
      if (refused !== undefined) return refused;
      const problems = keyProblems(draft);
      const [first] = problems;
      if (first !== undefined) {
        const message = problems.map(({ field, message: words }) => `${field}: ${words}`).join("; ");
        return refusal("invalid", message, first.field);
      }
      const device = draft.device === undefined ? undefined : list.find(draft.device);
      if (draft.device !== undefined && device === undefined) {
        return refusal("unknown", `no meter "${draft.device.slice(0, 80)}" is on the list`, "device");
      }
      const former = device === undefined ? [] : keys.index.linkedTo(device.row.id);
      const [kept] = await keys.add([newKeyOf(draft, device?.row.id)]);
      // A meter has one key of its own: the newest link takes the place of the one before.
      if (former.length > 0) await keys.remove(former.map(({ id }) => id));
      recorder.record({ principal, action, target, detail: kept && `key ${kept.id}`, isRefused: false });
      if (kept === undefined) return refusal("busy", "the key was not kept; try again");
      return accepted(shown(kept, countUses()));
    },
    async remove(principal, id) {
      const target = `key ${id}`;
      const refused = refusedRight(principal, "keys.write", { recorder, action: "keys.remove", target });
      if (refused !== undefined) return refused;
      const row = keys.index.get(id);
      if (row === undefined) return refusal("unknown", `there is no key ${id}`);
      const last = shown(row, countUses());
      await keys.remove([id]);
      recorder.record({ principal, action: "keys.remove", target, detail: patternWords(row), isRefused: false });
      return accepted(last);
    },
    async importFile(principal, file, options) {
      const action = "keys.import";
      const refused = refusedRight(principal, "keys.write", { recorder, action, target: file.name });
      if (refused !== undefined) return refused;
      const answer = await importKeys(keys, file, options);
      const detail = answer.ok ? `${answer.value.added} added, ${answer.value.bad} bad` : answer.refusal.message;
      recorder.record({ principal, action, target: file.name, detail, isRefused: !answer.ok });
      return answer;
    },
    async example(principal, format) {
      if (!hasRight(principal, "meters.read")) return denied(principal, "meters.read");
      const written = await writeFile("keys-example", format, [keyExample]);
      return written.ok ? accepted(written.value) : refusal("invalid", written.message);
    },
  };
}

async function importKeys(keys: KeyRing, file: ImportedFile, options: ImportOptions): Promise<Refusable<ImportReport>> {
  const read = await readFile(file.bytes);
  if (!read.ok) return refusal("invalid", `${file.name}: ${read.message}`);
  const columns = findColumns(read.value.header, keyColumns);
  const missing = missingColumns(columns);
  if (missing !== undefined) return refusal("invalid", `${file.name}: ${missing}`);
  const findings = new ImportFindings();
  const known = knownKeys(keys);
  const added: NewKey[] = [];
  const lines = new Map<string, number>();
  for (const { line, reason } of read.value.faults) findings.problem(line, undefined, reason);
  for (const row of read.value.rows) {
    findings.row();
    const answer = keyOfRow(row, columns);
    if (!answer.ok) {
      for (const { field, message } of answer.problems) {
        findings.problem(row.line, field && columns.titleOf(field), message);
      }
      continue;
    }
    const key = newKeyOf(answer.draft, undefined);
    const subject = patternWords(answer.draft);
    const before = lines.get(subject);
    if (before !== undefined) {
      findings.problem(row.line, undefined, `the same meters as in line ${before}; take one of the two rows out`);
      continue;
    }
    lines.set(subject, row.line);
    const same = known.get(subject);
    if (same !== undefined && keys.holds(same, key.secret)) {
      findings.difference({ line: row.line, kind: "unchanged", subject, fields: [] });
      continue;
    }
    added.push(key);
    findings.difference({ line: row.line, kind: same === undefined ? "added" : "changed", subject, fields: [] });
  }
  const isTaken = findings.isToBeTaken(options);
  if (isTaken) await keep(keys, added, known);
  return accepted(findings.report(read.value.read, columns.ignored, isTaken));
}

/** A key for the same meters takes the place of the one before. */
async function keep(keys: KeyRing, added: readonly NewKey[], known: ReadonlyMap<string, KeyRow>): Promise<void> {
  const replaced = added.flatMap((key) => known.get(patternWords(key))?.id ?? []);
  await keys.add(added);
  if (replaced.length > 0) await keys.remove(replaced);
}

function knownKeys(keys: KeyRing): ReadonlyMap<string, KeyRow> {
  const rows = [...keys.index.rows].filter(({ meterId }) => meterId === undefined);
  return new Map(rows.map((row) => [patternWords(row), row]));
}

function missingColumns({ indexOf, doubled }: FoundColumns<KeyField>): string | undefined {
  if (doubled.length > 0) return `the column ${doubled.join(", ")} is there twice`;
  if (indexOf.has("key")) return undefined;
  return `the first row must name the columns: ${keyColumns.map(({ title }) => title).join(", ")}`;
}

function newKeyOf({ address, manufacturer, deviceType, version, key }: KeyDraft, meterId: number | undefined): NewKey {
  const secret = new Uint8Array(Buffer.from(key, "hex"));
  return { address: address?.toUpperCase(), manufacturer, deviceType, version, meterId, secret };
}

/** As in a key file, e.g. `12345678 KAM type 22 version 27`. */
function patternWords({ address, manufacturer, deviceType, version }: Partial<Omit<KeyDraft, "key">>): string {
  return `${address ?? "any address"} ${manufacturer ?? "*"} type ${deviceType ?? -1} version ${version ?? -1}`;
}
