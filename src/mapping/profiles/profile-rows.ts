/** Rows of a profile from kept readings: only the wanted columns are decoded, page by page. */
import { type ArrayStream, type CaptureObject, type Data, logicalName, nullData } from "../../../cosem/index.js";
import type { ReadingRow } from "../../ports/index.js";
import type { KindLayout, MeterKind } from "../kind.js";
import type { KindObject } from "../kind-object.js";
import { timeData } from "../meter-objects.js";
import { type MeterView, ownNames, servedClassId, statusData } from "../meter-view.js";
import { clockStatusOf, storedQualityOf } from "../quality.js";

export const clockColumn: CaptureObject = {
  classId: 8,
  logicalName: logicalName("0-0:1.0.0*255"),
  attributeIndex: 2,
  dataIndex: 0,
};
const statusColumn: CaptureObject = { classId: 1, logicalName: ownNames.status, attributeIndex: 2, dataIndex: 0 };

const qualityColumn: CaptureObject = { classId: 1, logicalName: ownNames.quality, attributeIndex: 2, dataIndex: 0 };

/** A cme3100 has no quality. */
const fixedColumns = ({ parts }: MeterView): readonly CaptureObject[] =>
  parts.serving.profile === "cme3100" ? [clockColumn, statusColumn] : [clockColumn, statusColumn, qualityColumn];

/** Columns in their order: clock, status, quality, then the registers as they were first seen. */
export function captureObjectsOf(device: MeterView): readonly CaptureObject[] {
  const { profile } = device.parts.serving;
  const registers = (device.own?.registers ?? []).map(
    (object): CaptureObject => ({
      classId: servedClassId(object, profile),
      logicalName: object.logicalName,
      attributeIndex: 2,
      dataIndex: 0,
    }),
  );
  return [...fixedColumns(device), ...registers];
}

/** Fills one cell of a row. */
type Cell = (row: ReadingRow, layout: KindLayout) => Data;

/** What makes rows of readings; `columns` are indexes in the capture objects. */
export class RowMaker {
  private readonly device: MeterView;
  private readonly layouts: ReadonlyMap<number, KindLayout>;
  private readonly cells: readonly Cell[];

  /** @param fixed  columns before the registers: 2 without quality; default: as captureObjectsOf() has them */
  constructor(device: MeterView, kind: MeterKind, columns: readonly number[], fixed = fixedColumns(device).length) {
    this.device = device;
    this.layouts = new Map(kind.layouts.map((layout) => [layout.id, layout]));
    const registers = device.own?.registers ?? [];
    this.cells = columns.map((column) => this.cellOf(column, registers, fixed));
  }

  private cellOf(column: number, registers: readonly KindObject[], fixed: number): Cell {
    if (column === 0) {
      const { deviationAt } = this.device.parts;
      return (row) => timeData(row.readAtMs, deviationAt(row.readAtMs), clockStatusOf(row.clockStatus));
    }
    if (column === 1) return (row, layout) => statusData(layout.shape.header(row.payload).status);
    if (column < fixed) return (row) => ({ type: "long-unsigned", value: storedQualityOf(row.clockStatus) });
    const position = registers[column - fixed]?.position ?? -1;
    return (row, layout) => layout.goodValue(row.payload, position);
  }

  toData(row: ReadingRow): Data {
    const layout = this.layouts.get(row.layoutId);
    const value = layout === undefined ? this.cells.map(() => nullData) : this.cells.map((cell) => cell(row, layout));
    return { type: "structure", value };
  }
}

/** Readings of one meter by number, both ends included. */
export interface NumberSpan {
  readonly meterId: number;
  readonly fromNumber: number;
  readonly toNumber: number;
}

const pageRows = 500;

/** Rows of a span, read from the store as they are asked for. */
export class SpanStream implements ArrayStream {
  readonly type = "array-stream";
  readonly count: number;
  private readonly device: MeterView;
  private readonly rows: RowMaker;
  private readonly span: NumberSpan;
  private nextNumber: number;
  private left: number;

  constructor(device: MeterView, rows: RowMaker, span: NumberSpan, count: number) {
    this.device = device;
    this.rows = rows;
    this.span = span;
    this.nextNumber = span.fromNumber;
    this.count = count;
    this.left = count;
  }

  /** @throws Error when the store cannot be read */
  async next(): Promise<readonly Data[] | undefined> {
    if (this.left <= 0 || this.nextNumber > this.span.toNumber) return undefined;
    const rows = await this.device.parts.store.readings({
      meterId: this.span.meterId,
      fromNumber: this.nextNumber,
      toNumber: this.span.toNumber,
      limit: Math.min(pageRows, this.left),
    });
    const end = rows[rows.length - 1];
    if (end === undefined) return undefined;
    this.nextNumber = end.number + 1;
    this.left -= rows.length;
    return rows.map((row) => this.rows.toData(row));
  }

  close(): void {
    this.left = 0;
  }
}
