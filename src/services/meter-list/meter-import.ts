/** Takes a file of meters over: checks every row, says what would change, then changes it. */
import type { MeterDevice, NewMeter } from "../../mapping/index.js";
import { accepted, type Refusable, refusal } from "../refusal.js";
import {
  type FoundColumns,
  findColumns,
  type ImportedFile,
  ImportFindings,
  type ImportOptions,
  type ImportReport,
  readFile,
  type TableRow,
} from "../tables/index.js";
import { checkMeter } from "./check-meter.js";
import type { MeterDraft } from "./contract.js";
import { changedDraft } from "./draft.js";
import { type MeterField, meterColumns, meterOfRow, rowOfMeter } from "./meter-file.js";
import type { ListOutcome, MeterList } from "./meter-list.js";
import { Places } from "./place-key.js";

/** What a good row wants. */
interface PlannedRow {
  readonly line: number;
  readonly meter: NewMeter;
  /** The meter that it is already. */
  readonly device: MeterDevice | undefined;
}

/** So many are on their way to the store at once. */
const batchSize = 1000;

export async function importMeters(
  list: MeterList,
  file: ImportedFile,
  options: ImportOptions,
): Promise<Refusable<ImportReport>> {
  const read = await readFile(file.bytes);
  if (!read.ok) return refusal("invalid", `${file.name}: ${read.message}`);
  const { value: table } = read;
  const columns = findColumns(table.header, meterColumns);
  const missing = missingColumns(columns);
  if (missing !== undefined) return refusal("invalid", `${file.name}: ${missing}`);
  const plan = new ImportPlan(list, columns, options);
  for (const { line, reason } of table.faults) plan.findings.problem(line, undefined, reason);
  for (const row of table.rows) plan.take(row);
  const isTaken = plan.findings.isToBeTaken(options);
  if (isTaken) await plan.carryOut();
  return accepted(plan.findings.report(table.read, columns.ignored, isTaken));
}

function missingColumns({ indexOf, doubled }: FoundColumns<MeterField>): string | undefined {
  if (doubled.length > 0) return `the column ${doubled.join(", ")} is there twice`;
  if (indexOf.has("secondaryAddress") || indexOf.has("primaryAddress")) return undefined;
  const titles = meterColumns.map(({ title }) => title).join(", ");
  return `the first row must name the columns, SecondaryAddress or PrimaryAddress among them; known: ${titles}`;
}

class ImportPlan {
  readonly findings = new ImportFindings();
  private readonly list: MeterList;
  private readonly columns: FoundColumns<MeterField>;
  private readonly options: ImportOptions;
  private readonly planned: PlannedRow[] = [];
  /** Lines by the place of their meter. */
  private readonly places = new Places<number>();

  constructor(list: MeterList, columns: FoundColumns<MeterField>, options: ImportOptions) {
    this.list = list;
    this.columns = columns;
    this.options = options;
  }

  take(row: TableRow): void {
    this.findings.row();
    const { line } = row;
    const { draft: given, problems } = meterOfRow(row, this.columns);
    for (const { column, message } of problems) this.findings.problem(line, this.columns.titleOf(column), message);
    if (problems.length > 0) return;
    const { defaultInterface } = this.options;
    const draft = given.interfaceName === undefined ? { ...given, interfaceName: defaultInterface } : given;
    const meter = this.checked(line, draft);
    if (meter === undefined) return;
    const twin = this.places.find(meter);
    if (twin !== undefined) {
      this.findings.problem(line, undefined, `the meter of line ${twin} again; take one of the two rows out`);
      return;
    }
    this.places.add(meter, line);
    const device = this.list.occupantOf(meter);
    if (device === undefined) this.add(line, draft, meter);
    else this.change(line, draft, device);
  }

  private checked(line: number, draft: MeterDraft): NewMeter | undefined {
    const checked = checkMeter(draft, this.list.interfaces);
    if (checked.ok) return checked.meter;
    for (const { field, message } of checked.problems) {
      const column = field === undefined || field === "mbus" ? undefined : this.columns.titleOf(field);
      this.findings.problem(line, column, message);
    }
    return undefined;
  }

  private add(line: number, draft: MeterDraft, meter: NewMeter): void {
    this.planned.push({ line, meter, device: undefined });
    this.findings.difference({ line, kind: "added", subject: subjectOf(draft), fields: [] });
  }

  private change(line: number, draft: MeterDraft, device: MeterDevice): void {
    const before = this.list.draftOf(device);
    const { interfaceName: _, ...changes } = draft;
    const secondaryAddress =
      changes.secondaryAddress?.slice(0, 8) === before.secondaryAddress
        ? before.secondaryAddress
        : changes.secondaryAddress;
    const mode = changes.addressingMode ?? before.addressingMode;
    const wanted = changedDraft(before, { ...changes, secondaryAddress, addressingMode: mode });
    const meter = this.checked(line, wanted);
    if (meter === undefined) return;
    const held = this.list.heldByFile(device, meter);
    if (held !== undefined) {
      this.findings.problem(line, undefined, held.message);
      return;
    }
    const after = this.list.draftOfNew(meter);
    const [from, to] = [before, after].map((one) => rowOfMeter(this.list.writtenOf(one)));
    if (from === undefined || to === undefined) return;
    const fields = meterColumns.flatMap(({ title }, index) =>
      from[index] === to[index] ? [] : [{ field: title, from: String(from[index]), to: String(to[index]) }],
    );
    const kind = fields.length === 0 ? "unchanged" : "changed";
    if (kind === "changed") this.planned.push({ line, meter, device });
    this.findings.difference({ line, kind, subject: device.name, fields });
  }

  async carryOut(): Promise<void> {
    for (let from = 0; from < this.planned.length; from += batchSize) {
      const batch = this.planned.slice(from, from + batchSize);
      const outcomes = await Promise.all(batch.map((row) => this.carry(row)));
      for (const [index, outcome] of outcomes.entries()) {
        const line = batch[index]?.line ?? 0;
        if (!outcome.ok) this.findings.problem(line, undefined, outcome.problems[0]?.message ?? "could not be taken");
      }
    }
  }

  private carry({ meter, device }: PlannedRow): Promise<ListOutcome> {
    if (device === undefined) return this.list.install(meter);
    return this.list.changeTo(device, meter);
  }
}

function subjectOf({ secondaryAddress, primaryAddress }: MeterDraft): string {
  return secondaryAddress ?? `primary ${primaryAddress}`;
}
