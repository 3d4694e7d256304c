/** A series is evaluated as a stream of points in the order of time: memory does not grow with history. */
import { Decimal, quotient } from "./decimal.js";
import type { Expression, FoldName, Operator, Period } from "./expression.js";
import { periodAt, type Span, type Zone } from "./periods.js";

export interface Point {
  /** Of a reading: when it was read. Of a period: its start. */
  readonly atMs: number;
  /** Of a period: its end, exclusive. */
  readonly toMs?: number | undefined;
  /** undefined: there is none, and `note` says why. */
  readonly value: Decimal | undefined;
  readonly note?: string | undefined;
  /** What was wrong with the readings behind it: quality bits of docs/readouts.md, all of them together. */
  readonly quality?: number | undefined;
}

export type Points = AsyncIterable<Point>;

/** Both inclusive, milliseconds since 1970 UTC. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface EvaluationParts {
  /** Readings of a record, or points of another computed series; oldest first. */
  read(id: string, range: Range): Points;
  readonly zone: Zone;
  /** Values of several series belong together where they are at most so far apart, in milliseconds. */
  readonly toleranceMs: number;
}

/** Points whose `atMs` is in the range, oldest first. A number alone has none. */
export function pointsOf(node: Expression, range: Range, parts: EvaluationParts): Points {
  switch (node.kind) {
    case "number":
      return none();
    case "series":
      return parts.read(node.id, range);
    case "negate":
      return mapped(pointsOf(node.of, range, parts), (value) => value.neg());
    case "binary":
      return binary(node, range, parts);
    case "fold":
      return aligned(node.of, range, parts, (values) => folded(node.name, values));
    case "foldPeriod":
      return foldPeriods(node, range, parts);
    case "consumption":
      return consumption(node, range, parts);
    case "joined":
      return joined(node, range, parts);
  }
}

/** The value of an expression without any series in it. */
export function constantOf(node: Expression): Decimal | undefined {
  switch (node.kind) {
    case "number":
      return new Decimal(node.text);
    case "negate":
      return constantOf(node.of)?.neg();
    case "binary": {
      const [left, right] = [constantOf(node.left), constantOf(node.right)];
      return left && right && operate(node.operator, left, right);
    }
    case "fold": {
      const values = node.of.map(constantOf).filter((value) => value !== undefined);
      return values.length === node.of.length ? folded(node.name, values) : undefined;
    }
    default:
      return undefined;
  }
}

async function* none(): Points {}

async function* mapped(points: Points, change: (value: Decimal) => Decimal | undefined): Points {
  for await (const point of points)
    yield point.value === undefined ? point : { ...point, ...result(change(point.value)) };
}

function result(value: Decimal | undefined): Pick<Point, "value" | "note"> {
  return value === undefined ? { value, note: "divided by zero" } : { value };
}

function operate(operator: Operator, left: Decimal, right: Decimal): Decimal | undefined {
  switch (operator) {
    case "+":
      return left.plus(right);
    case "-":
      return left.minus(right);
    case "*":
      return left.times(right);
    case "/":
      return quotient(left, right);
  }
}

function folded(name: FoldName, values: readonly Decimal[]): Decimal | undefined {
  switch (name) {
    case "sum":
      return Decimal.sum(...values);
    case "mean":
      return quotient(Decimal.sum(...values), new Decimal(values.length));
    case "minimum":
      return Decimal.min(...values);
    case "maximum":
      return Decimal.max(...values);
  }
}

function binary(
  { operator, left, right }: Extract<Expression, { kind: "binary" }>,
  range: Range,
  parts: EvaluationParts,
): Points {
  return aligned([left, right], range, parts, ([one, other]) => one && other && operate(operator, one, other));
}

/**
 * The first series with points leads: at each of its times the others give their nearest value within the tolerance.
 * Where one has none, neither has the result.
 */
async function* aligned(
  nodes: readonly Expression[],
  range: Range,
  parts: EvaluationParts,
  combine: (values: readonly Decimal[]) => Decimal | undefined,
): Points {
  const constants = nodes.map(constantOf);
  const leader = constants.indexOf(undefined);
  const lead = nodes[leader];
  if (lead === undefined) return;
  const { toleranceMs } = parts;
  const wide = { fromMs: range.fromMs - toleranceMs, toMs: range.toMs + toleranceMs };
  const others = nodes.map((node, index) =>
    index === leader || constants[index] !== undefined
      ? undefined
      : new Nearest(pointsOf(node, wide, parts), toleranceMs),
  );
  try {
    for await (const point of pointsOf(lead, range, parts)) {
      const values: Decimal[] = [];
      let { note, quality = 0 } = point;
      for (const [index, constant] of constants.entries()) {
        const other = others[index];
        const own = other === undefined ? point : await other.at(point.atMs);
        const value = constant ?? own?.value;
        if (constant === undefined) quality |= own?.quality ?? 0;
        if (value === undefined)
          note ??= own?.note ?? `no value of part ${index + 1} within ${toleranceMs / 60_000} minutes`;
        else values.push(value);
      }
      const { atMs, toMs } = point;
      if (values.length < nodes.length) yield { atMs, toMs, value: undefined, note, quality };
      else yield { atMs, toMs, ...result(combine(values)), quality };
    }
  } finally {
    for (const other of others) await other?.close();
  }
}

/** Looks along a series for the value nearest to times that only go forward. */
class Nearest {
  private readonly points: AsyncIterator<Point>;
  private readonly toleranceMs: number;
  private before: Point | undefined;
  private after: Point | undefined;
  private isAtEnd = false;

  constructor(points: Points, toleranceMs: number) {
    this.points = points[Symbol.asyncIterator]();
    this.toleranceMs = toleranceMs;
  }

  async at(atMs: number): Promise<Point | undefined> {
    while (!this.isAtEnd && (this.after === undefined || this.after.atMs < atMs)) {
      const next = await this.points.next();
      if (next.done === true) {
        this.isAtEnd = true;
        this.before = this.after ?? this.before;
        this.after = undefined;
      } else {
        this.before = this.after ?? this.before;
        this.after = next.value;
      }
    }
    const [before, after] = [this.distance(this.before, atMs), this.distance(this.after, atMs)];
    if (Math.min(before, after) > this.toleranceMs) return undefined;
    return before < after ? this.before : this.after;
  }

  private distance(point: Point | undefined, atMs: number): number {
    return point === undefined ? Number.POSITIVE_INFINITY : Math.abs(point.atMs - atMs);
  }

  async close(): Promise<void> {
    await this.points.return?.();
  }
}

/** Periods that begin in the range and are not longer than history goes: the last may still be running. */
function* periodsIn({ fromMs, toMs }: Range, period: Period, zone: Zone): Generator<Span> {
  let span = periodAt(fromMs, period, zone);
  if (span.fromMs < fromMs) span = periodAt(span.toMs, period, zone);
  for (; span.fromMs <= toMs; span = periodAt(span.toMs, period, zone)) yield span;
}

async function* foldPeriods(
  { name, of, period }: Extract<Expression, { kind: "foldPeriod" }>,
  range: Range,
  parts: EvaluationParts,
): Points {
  const { zone } = parts;
  const [first] = periodsIn(range, period, zone);
  if (first === undefined) return;
  const wide = { fromMs: first.fromMs, toMs: periodAt(range.toMs, period, zone).toMs - 1 };
  let span: Span | undefined;
  let running: { value: Decimal; count: number; quality: number } | undefined;
  const closed = (): Point | undefined =>
    span &&
    running && {
      atMs: span.fromMs,
      toMs: span.toMs,
      value: name === "mean" ? quotient(running.value, new Decimal(running.count)) : running.value,
      quality: running.quality,
    };
  for await (const { atMs, value, quality = 0 } of pointsOf(of, wide, parts)) {
    if (value === undefined) continue;
    if (span === undefined || atMs >= span.toMs) {
      const point = closed();
      if (point !== undefined) yield point;
      span = periodAt(atMs, period, zone);
      running = { value, count: 1, quality };
    } else if (running !== undefined) {
      const folding = name === "mean" ? "sum" : name;
      const joint = folded(folding, [running.value, value]) ?? value;
      running = { value: joint, count: running.count + 1, quality: running.quality | quality };
    }
  }
  const last = closed();
  if (last !== undefined) yield last;
}

/** How far a reading may be from a boundary between periods to stand for it. */
export const boundaryTolerance: Readonly<Record<Period, number>> = {
  hour: 15 * 60_000,
  day: 60 * 60_000,
  month: 24 * 3_600_000,
};

/**
 * The reading nearest to the end of each period less the one nearest to its start; nothing is invented between readings.
 * A period that is still running at the end of history has no point. A counter that went back has no consumption.
 */
async function* consumption(
  { of, period }: Extract<Expression, { kind: "consumption" }>,
  range: Range,
  parts: EvaluationParts,
): Points {
  const { zone } = parts;
  const tolerance = boundaryTolerance[period];
  const [first] = periodsIn(range, period, zone);
  if (first === undefined) return;
  const wide = { fromMs: first.fromMs - tolerance, toMs: periodAt(range.toMs, period, zone).toMs + tolerance };
  const counter = new Boundaries(pointsOf(of, wide, parts), tolerance);
  try {
    let start = await counter.at(first.fromMs);
    // Before the first reading of all there is nothing to tell; a gap within history is told, wherever a page begins.
    let hasBegun = start !== undefined || (await hasValue(of, { fromMs: 0, toMs: first.fromMs }, parts));
    for (const { fromMs, toMs } of periodsIn(range, period, zone)) {
      if (counter.isOver(toMs)) return;
      const end = await counter.at(toMs);
      hasBegun ||= start !== undefined;
      if (hasBegun && !(end === undefined && counter.isOver(toMs))) {
        yield { atMs: fromMs, toMs, ...difference(start, end, tolerance) };
      }
      start = end;
    }
  } finally {
    await counter.close();
  }
}

async function hasValue(node: Expression, range: Range, parts: EvaluationParts): Promise<boolean> {
  for await (const { value } of pointsOf(node, range, parts)) if (value !== undefined) return true;
  return false;
}

function difference(
  start: Boundary | undefined,
  end: Boundary | undefined,
  tolerance: number,
): Pick<Point, "value" | "note" | "quality"> {
  if (start === undefined || end === undefined) {
    const which = start === undefined ? "start" : "end";
    return { value: undefined, note: `no reading within ${tolerance / 60_000} minutes of the period's ${which}` };
  }
  const value = end.value.minus(start.value);
  const quality = start.quality | end.quality;
  return value.isNegative() ? { value: undefined, note: "the counter went back", quality } : { value, quality };
}

/** The reading that stands for a boundary between periods. */
interface Boundary {
  readonly atMs: number;
  readonly value: Decimal;
  readonly quality: number;
}

/** The counter's readings at boundaries; those without a value do not count. */
class Boundaries {
  private readonly points: AsyncIterator<Point>;
  private readonly tolerance: number;
  private before: Boundary | undefined;
  private after: Boundary | undefined;
  private isAtEnd = false;

  constructor(points: Points, tolerance: number) {
    this.points = points[Symbol.asyncIterator]();
    this.tolerance = tolerance;
  }

  /** The value nearest to an instant; of equally near ones the earlier. */
  async at(atMs: number): Promise<Boundary | undefined> {
    while (!this.isAtEnd && (this.after === undefined || this.after.atMs < atMs)) {
      const next = await this.points.next();
      if (next.done === true) {
        this.isAtEnd = true;
        break;
      }
      const { value, quality = 0 } = next.value;
      if (value === undefined) continue;
      this.before = this.after;
      this.after = { atMs: next.value.atMs, value, quality };
    }
    return [this.before, this.after]
      .filter((point) => point !== undefined && Math.abs(point.atMs - atMs) <= this.tolerance)
      .toSorted((one, other) => Math.abs((one?.atMs ?? 0) - atMs) - Math.abs((other?.atMs ?? 0) - atMs))[0];
  }

  /** No reading stands at or after this boundary. */
  isOver(boundaryMs: number): boolean {
    const last = this.after ?? this.before;
    return this.isAtEnd && (last === undefined || last.atMs < boundaryMs - this.tolerance);
  }

  async close(): Promise<void> {
    await this.points.return?.();
  }
}

async function* joined(
  { before, after, atMs, offset }: Extract<Expression, { kind: "joined" }>,
  range: Range,
  parts: EvaluationParts,
): Points {
  if (range.fromMs < atMs)
    yield* pointsOf(before, { fromMs: range.fromMs, toMs: Math.min(range.toMs, atMs - 1) }, parts);
  if (range.toMs < atMs) return;
  const added = new Decimal(offset);
  const later = pointsOf(after, { fromMs: Math.max(range.fromMs, atMs), toMs: range.toMs }, parts);
  yield* mapped(later, (value) => value.plus(added));
}
