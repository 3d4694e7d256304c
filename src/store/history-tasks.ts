/** The longer work of the writer thread, as generators: each step is short, and writes go in between. */
import type { DamagedRange } from "../ports/index.js";
import { type BlockRow, blockColumns, prepareOpenBlock } from "./block-table.js";
import type { Compactor } from "./compaction.js";
import type { Connection, WriterOptions } from "./database.js";
import { prepareFigures, prepareRoom } from "./figures.js";
import type { LogTable } from "./log-table.js";
import { prepareRetention } from "./retention.js";
import { StoreError } from "./store-error.js";
import type { HistoryTask, TaskResults } from "./writer-protocol.js";

export type RunningTask = Generator<void, TaskResults[keyof TaskResults]>;

/** @returns the function that begins a task */
export function prepareTasks(
  connection: Connection,
  options: WriterOptions,
  compactor: Compactor,
  log: LogTable,
): (task: HistoryTask) => RunningTask {
  const room = prepareRoom(connection, options);
  const retain = prepareRetention(connection, room);
  const figures = prepareFigures(connection, options, room);
  const findDamage = prepareFindDamage(connection);
  return (task) => {
    switch (task.kind) {
      case "compact":
        return compactAll(compactor);
      case "retain":
        return retain(task.rules);
      case "figures":
        return figures();
      case "findDamage":
        return findDamage();
      case "pruneLog":
        return log.prune(task.rules);
      case "logFigures":
        return log.figures();
    }
  };
}

function* compactAll(compactor: Compactor): Generator<void, undefined> {
  while (compactor.step()) yield;
  return undefined;
}

const blocksAStep = 32;

function prepareFindDamage(connection: Connection) {
  const blocksAfter = connection.prepare<[number, number], BlockRow>(
    `SELECT ${blockColumns} FROM reading_blocks WHERE id > ? ORDER BY id LIMIT ?`,
  );
  const openBlock = prepareOpenBlock(connection);
  return function* findDamage(): Generator<void, readonly DamagedRange[]> {
    const damaged: DamagedRange[] = [];
    let after = 0;
    for (;;) {
      const blocks = blocksAfter.all(after, blocksAStep);
      for (const block of blocks) {
        after = block.id;
        try {
          openBlock(block);
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          const { meterId, firstNumber, lastNumber, fromMs, toMs } = block;
          damaged.push({ meterId, fromNumber: firstNumber, toNumber: lastNumber, fromMs, toMs });
        }
      }
      if (blocks.length < blocksAStep) return damaged;
      yield;
    }
  };
}
