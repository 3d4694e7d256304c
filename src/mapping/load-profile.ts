/**
 * Load profile 1 of a meter: every stored reading; columns clock, status, then all registers (DESIGN, logical
 * devices). The buffer is read from the store in pages, and only the wanted columns are decoded, so that memory stays
 * flat however long the answer is.
 *
 * A read is a snapshot: readings up to the newest one at its start, and not one more.
 */
import {
  type ArrayStream,
  accessRead,
  type BufferSelection,
  type CaptureObject,
  type CosemObject,
  captureObjectDefinition,
  type Data,
  logicalName,
  nullData,
  ProfileGeneric,
  parseBufferSelection,
  type RangeSelection,
  type ReadResult,
  refused,
  sortMethod,
  types,
} from "../../cosem/index.js";
import type { ReadingQuery, ReadingRow } from "../ports/index.js";
import type { KindLayout, KindObject, MeterKind } from "./kind.js";
import { timeData } from "./meter-objects.js";
import { loadProfileName, type MeterView, ownNames, statusData } from "./meter-view.js";

const pageRows = 500;
/** More than any reader asks for: the store keeps what it has room for. */
const profileEntries = 0xffffffff;

const clockColumn: CaptureObject = {
  classId: 8,
  logicalName: logicalName("0-0:1.0.0*255"),
  attributeIndex: 2,
  dataIndex: 0,
};
const statusColumn: CaptureObject = { classId: 1, logicalName: ownNames.status, attributeIndex: 2, dataIndex: 0 };

const offer = { attributes: ProfileGeneric.attributeAt.map((entry) => entry && accessRead), methods: [] };

/** The profile of one device, made when asked for. */
export function createLoadProfile(device: MeterView, kind: MeterKind): CosemObject {
  const name = loadProfileName(kind.valueGroupA);
  const good = (value: Data): ReadResult => ({ ok: true, value });
  return {
    interfaceClass: ProfileGeneric,
    logicalName: name,
    offer,
    write: () => refused.readWriteDenied,
    invoke: () => refused.readWriteDenied,
    read(attributeIndex, context) {
      switch (attributeIndex) {
        case 1:
          return good(types.logicalNameType.toData(name));
        case 2:
          return readBuffer(device, kind, context.selectiveAccess);
        case 3:
          return good(types.array(captureObjectDefinition).toData(captureObjects(kind)));
        case 4:
          return good({ type: "double-long-unsigned", value: 0 });
        case 5:
          return good({ type: "enum", value: sortMethod.fifo });
        case 6:
          return good(captureObjectDefinition.toData(clockColumn));
        case 7:
          return entriesInUse(device).then((value) => good({ type: "double-long-unsigned", value }));
        case 8:
          return good({ type: "double-long-unsigned", value: profileEntries });
        default:
          return refused.readWriteDenied;
      }
    },
  };
}

/** Columns in their order: clock, status, then the registers as they were first seen. */
export function captureObjects(kind: MeterKind): readonly CaptureObject[] {
  const registers = kind.registers.map(
    (object): CaptureObject => ({
      classId: object.classId,
      logicalName: object.logicalName,
      attributeIndex: 2,
      dataIndex: 0,
    }),
  );
  return [clockColumn, statusColumn, ...registers];
}

async function entriesInUse(device: MeterView): Promise<number> {
  const toNumber = device.newest?.number;
  if (toNumber === undefined) return 0;
  return device.parts.store.count({ meterId: device.row.id, toNumber });
}

async function readBuffer(
  device: MeterView,
  kind: MeterKind,
  access: { readonly selector: number; readonly parameters: Data } | undefined,
): Promise<ReadResult> {
  const columns = captureObjects(kind);
  const selection: BufferSelection =
    access === undefined
      ? { kind: "entry", from: 1, to: undefined, columns: columns.map((_, index) => index) }
      : parseBufferSelection(access, {
          captureObjects: columns,
          deviationAt: (localMs) => device.parts.deviationAt(localMs),
        });
  // Rows are in the order of their time; by another column every row would have to be looked at.
  if (selection.kind === "range" && selection.restrictingColumn !== 0) return refused.scopeOfAccessViolated;
  const last = device.newest?.number;
  const query = last === undefined ? undefined : await numbersOf(device, selection, last);
  if (query === undefined) return { ok: true, value: { type: "array", value: [] } };
  const count = await device.parts.store.count(query);
  if (count === 0) return { ok: true, value: { type: "array", value: [] } };
  return { ok: true, value: new BufferStream(device, kind, query, count, selection.columns) };
}

type NumberQuery = ReadingQuery & { readonly fromNumber: number; readonly toNumber: number };

/** The selection as a span of reading numbers, which the store finds without counting rows off. */
async function numbersOf(
  device: MeterView,
  selection: BufferSelection,
  last: number,
): Promise<NumberQuery | undefined> {
  const meterId = device.row.id;
  const { store } = device.parts;
  const bounds = selection.kind === "range" ? timeBounds(selection) : {};
  const [first] = await store.readings({ meterId, ...bounds, toNumber: last, limit: 1 });
  if (first === undefined) return undefined;
  // Numbers follow each other without a gap, so that the n-th entry's number is known.
  if (selection.kind === "entry") {
    const fromNumber = first.number + selection.from - 1;
    const toNumber = selection.to === undefined ? last : Math.min(last, first.number + selection.to - 1);
    return toNumber < fromNumber ? undefined : { meterId, fromNumber, toNumber };
  }
  const [end] = await store.readings({ meterId, ...bounds, toNumber: last, limit: 1, descending: true });
  return end === undefined ? undefined : { meterId, fromNumber: first.number, toNumber: end.number };
}

function timeBounds(selection: RangeSelection): { fromMs?: number; toMs?: number } {
  const from = selection.from === undefined ? {} : { fromMs: Number(selection.from) };
  const to = selection.to === undefined ? {} : { toMs: Number(selection.to) };
  return { ...from, ...to };
}

/** Fills one cell of a row. */
type Cell = (row: ReadingRow, layout: KindLayout) => Data;

class BufferStream implements ArrayStream {
  readonly type = "array-stream";
  readonly count: number;
  private readonly device: MeterView;
  private readonly layouts: ReadonlyMap<number, KindLayout>;
  private readonly cells: readonly Cell[];
  private readonly toNumber: number;
  private nextNumber: number;
  private left: number;

  constructor(device: MeterView, kind: MeterKind, query: NumberQuery, count: number, columns: readonly number[]) {
    this.device = device;
    this.layouts = new Map(kind.layouts.map((layout) => [layout.id, layout]));
    const { registers } = kind;
    this.cells = columns.map((column) => this.cellOf(column, registers));
    this.nextNumber = query.fromNumber;
    this.toNumber = query.toNumber;
    this.count = count;
    this.left = count;
  }

  private cellOf(column: number, registers: readonly KindObject[]): Cell {
    if (column === 0) {
      const { deviationAt } = this.device.parts;
      return (row) => timeData(row.readAtMs, deviationAt(row.readAtMs), row.clockStatus);
    }
    if (column === 1) return (row, layout) => statusData(layout.shape.header(row.payload).status);
    const position = registers[column - 2]?.position ?? -1;
    return (row, layout) => layout.goodValue(row.payload, position);
  }

  /** @throws Error when the store cannot be read */
  async next(): Promise<readonly Data[] | undefined> {
    if (this.left <= 0 || this.nextNumber > this.toNumber) return undefined;
    const rows = await this.device.parts.store.readings({
      meterId: this.device.row.id,
      fromNumber: this.nextNumber,
      toNumber: this.toNumber,
      limit: Math.min(pageRows, this.left),
    });
    const end = rows[rows.length - 1];
    if (end === undefined) return undefined;
    this.nextNumber = end.number + 1;
    this.left -= rows.length;
    return rows.map((row) => this.toData(row));
  }

  private toData(row: ReadingRow): Data {
    const layout = this.layouts.get(row.layoutId);
    const value = layout === undefined ? this.cells.map(() => nullData) : this.cells.map((cell) => cell(row, layout));
    return { type: "structure", value };
  }

  close(): void {
    this.left = 0;
  }
}
