/**
 * Takes what can be read of a damaged database into a new one: each table from its beginning up to the damage and from
 * its end back to it; readings so for each meter, blocks one by one, and only those whose checksum holds.
 */
import { type BlockRow, blockColumns, prepareOpenBlock } from "./block-table.js";
import { type Connection, openDamaged } from "./database.js";
import { type CheckedRow, checkedRow } from "./row-checksum.js";
import type { Salvaged } from "./set-aside.js";

/** Rows in one transaction. */
const rowsAPiece = 2000;

type Row = Readonly<Record<string, unknown>>;

/** Never throws for what the damaged file holds or does not hold. */
export function salvage(into: Connection, damagedPath: string): Salvaged {
  const nothing = { meters: 0, readings: 0, otherRows: 0, lost: 0 };
  let from: Connection | undefined;
  try {
    from = openDamaged(damagedPath);
    return new Salvage(from, into).run();
  } catch {
    return nothing;
  } finally {
    from?.close();
  }
}

class Salvage {
  private readonly from: Connection;
  private readonly into: Connection;
  private lost = 0;

  constructor(from: Connection, into: Connection) {
    this.from = from;
    this.into = into;
  }

  run(): Salvaged {
    // In the order of their making: those that others refer to come first.
    const tables = this.into
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
      )
      .pluck()
      .all();
    let otherRows = 0;
    let meters = 0;
    for (const table of tables) {
      if (table === "readings" || table === "reading_blocks") continue;
      const copied = this.copyTable(table);
      if (table === "meters") meters = copied;
      else otherRows += copied;
    }
    const readings = this.copyBlocks() + this.copyReadings();
    return { meters, readings, otherRows, lost: this.lost };
  }

  private copyTable(table: string): number {
    const { columns, key } = this.columnsOf(table);
    if (columns.length === 0) return 0;
    return this.copyBothWays({ table, columns, order: key.length === 0 ? ["rowid"] : key });
  }

  /** Meter by meter: damage in one leaves the others'. */
  private copyReadings(): number {
    const { columns } = this.columnsOf("readings");
    let copied = 0;
    for (const meterId of this.metersHere()) {
      const rows = { table: "readings", columns, order: ["number"], only: `meter_id = ${meterId}` };
      copied += this.copyBothWays(rows, checkReading);
    }
    // A page from before a compaction may have come back: what is in a block is not a row.
    const { changes } = this.into
      .prepare(`
        DELETE FROM readings WHERE EXISTS (SELECT 1 FROM reading_blocks block
          WHERE block.meter_id = readings.meter_id AND readings.number <= block.last_number)`)
      .run();
    return copied - changes;
  }

  private copyBlocks(): number {
    const found = new Map<number, BlockRow>();
    const note = (row: Row): void => void found.set(Number(row["id"]), row as unknown as BlockRow);
    const rows = { table: "reading_blocks", columns: [blockColumns], order: ["id"] };
    if (!this.inPieces(readable(this.from, rows, "ASC"), note)) this.inPieces(readable(this.from, rows, "DESC"), note);
    const blocks = [...found.values()].sort(
      (left, right) => left.meterId - right.meterId || left.firstNumber - right.firstNumber,
    );
    const open = prepareOpenBlock(this.from);
    const bytesOf = this.from.prepare<[number], Uint8Array>("SELECT bytes FROM reading_blocks WHERE id = ?").pluck();
    const insert = this.into.prepare(`
      INSERT INTO reading_blocks (meter_id, first_number, last_number, from_ms, to_ms, count, size, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    let copied = 0;
    this.inPieces(blocks, (block) => {
      open(block);
      const { meterId, firstNumber, lastNumber, fromMs, toMs, count, size } = block;
      insert.run(meterId, firstNumber, lastNumber, fromMs, toMs, count, size, bytesOf.get(block.id));
      copied += count;
    });
    return copied;
  }

  private metersHere(): readonly number[] {
    return this.into.prepare<[], number>("SELECT id FROM meters ORDER BY id").pluck().all();
  }

  /** @returns rows taken over */
  private copyBothWays(rows: Rows, check: (row: Row) => void = () => undefined): number {
    const { table, columns } = rows;
    const insert = this.into.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    let copied = 0;
    const take = (row: Row): void => {
      check(row);
      copied += insert.run(...columns.map((column) => row[column])).changes;
    };
    const isWhole = this.inPieces(readable(this.from, rows, "ASC"), take);
    if (!isWhole) this.inPieces(readable(this.from, rows, "DESC"), take);
    return copied;
  }

  /** @returns whether the rows came to their end; a row that `take` throws on is lost */
  private inPieces<T>(rows: Iterable<T>, take: (row: T) => void): boolean {
    const iterator = rows[Symbol.iterator]();
    const piece = this.into.transaction((): "more" | "end" | "damage" => {
      for (let count = 0; count < rowsAPiece; count++) {
        let next: IteratorResult<T>;
        try {
          next = iterator.next();
        } catch {
          return "damage";
        }
        if (next.done === true) return "end";
        try {
          take(next.value);
        } catch {
          this.lost += 1;
        }
      }
      return "more";
    });
    for (;;) {
      const state = piece.immediate();
      if (state !== "more") return state === "end";
    }
  }

  /** Columns that both files have, and those of the key in its order. */
  private columnsOf(table: string) {
    const info = (connection: Connection) =>
      connection.pragma(`table_info(${table})`) as readonly { readonly name: string; readonly pk: number }[];
    const there = new Set(info(this.from).map(({ name }) => name));
    const here = info(this.into).filter(({ name }) => there.has(name));
    const key = here.filter(({ pk }) => pk > 0).sort((left, right) => left.pk - right.pk);
    return { columns: here.map(({ name }) => name), key: key.map(({ name }) => name) };
  }
}

/** @throws StoreError where the row is not what was written */
function checkReading(row: Row): void {
  const { meter_id: meterId, read_at_ms: readAtMs, layout_id: layoutId, clock_status: clockStatus } = row;
  checkedRow({ checksum: null, ...row, meterId, readAtMs, layoutId, clockStatus } as unknown as CheckedRow);
}

/** Rows of a table, in the order of columns that are unique together. */
interface Rows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly order: readonly string[];
  /** Narrows it down. */
  readonly only?: string;
}

/**
 * Rows one by one, up to the damage, which throws. Each is asked for behind the one before: an iterator of the driver that
 * damage breaks off ends the process under Node 24 when it is collected.
 */
function* readable(from: Connection, { table, columns, order, only }: Rows, direction: "ASC" | "DESC"): Generator<Row> {
  const places = order.map((column, index) => `${column} AS place${index}`);
  const selected = `SELECT ${[...columns, ...places].join(", ")} FROM ${table}`;
  const sorted = `ORDER BY ${order.map((column) => `${column} ${direction}`).join(", ")} LIMIT 1`;
  const behind = `(${order.join(", ")}) ${direction === "ASC" ? ">" : "<"} (${order.map(() => "?").join(", ")})`;
  const where = (...conditions: readonly (string | undefined)[]) => {
    const given = conditions.filter((condition) => condition !== undefined);
    return given.length === 0 ? "" : `WHERE ${given.join(" AND ")}`;
  };
  const next = from.prepare<unknown[], Row>(`${selected} ${where(only, behind)} ${sorted}`);
  let row = from.prepare<[], Row>(`${selected} ${where(only)} ${sorted}`).get();
  while (row !== undefined) {
    yield row;
    const at: Row = row;
    row = next.get(...order.map((_, index) => at[`place${index}`]));
  }
}
