/** The series service over the registry's meters and the definitions that the host keeps. */
import type { Principal, Registry } from "../../../cosem/index.js";
import type { Clock } from "../../ports/index.js";
import { type ChangeRecorder, denied, refusedRight } from "../recorder.js";
import { hasRight } from "../rights.js";
import {
  type NewDefinition,
  type SeriesDefinition,
  SeriesError,
  type SeriesPage,
  type SeriesService,
  type SeriesSummary,
} from "./contract.js";
import { type Expression, ExpressionError, parseExpression, seriesIn } from "./expression.js";
import type { Zone } from "./periods.js";
import { constantOf, type Point, type Points, pointsOf, type Range } from "./points.js";
import { findRecord, type RecordSeries, recordId, recordPoints, recordsOf } from "./records.js";
import { swapDefinitions } from "./swap.js";
import { isScaled, unitOfExpression } from "./units.js";

/** Where definitions are kept. */
export interface DefinitionStore {
  load(): readonly SeriesDefinition[];
  /** All of them, as they are from now on; resolves when it is on disk. */
  save(definitions: readonly SeriesDefinition[]): Promise<void>;
}

export interface SeriesParts {
  readonly registry: Pick<Registry, "device" | "devices">;
  readonly definitions: DefinitionStore;
  readonly zone: Zone;
  readonly clock: Clock;
  /** Told of each change and refusal. */
  readonly recorder: ChangeRecorder;
}

export const mostDefinitions = 1000;
const mostValues = 10_000;
const defaultTolerance = 15;
const nameShape = /^[A-Za-z0-9](?:[A-Za-z0-9 ._+*:-]{0,62}[A-Za-z0-9*])?$/;

/** A definition that was read. */
interface Compiled {
  readonly definition: SeriesDefinition;
  readonly expression: Expression;
}

export interface ComputedSeries extends SeriesService {
  definitions(): readonly SeriesDefinition[];
  /** The newest point of a computed series, for its register; undefined where there is none. */
  newest(name: string): Promise<Point | undefined>;
  unitOf(name: string): string;
  /** A computed series that is made of this meter's. */
  usedIn(device: string): string | undefined;
  /** Told after each change. */
  onChange(listener: () => void): void;
}

/** @throws SeriesError when a kept definition is not good: mend the file or take it out of it */
export function createSeriesService(parts: SeriesParts): ComputedSeries {
  return new Series(parts);
}

class Series implements ComputedSeries {
  private readonly parts: SeriesParts;
  private readonly compiled = new Map<string, Compiled>();
  private readonly listeners: (() => void)[] = [];
  /** One change at a time: the file holds all of them. */
  private changes: Promise<unknown> = Promise.resolve();

  constructor(parts: SeriesParts) {
    this.parts = parts;
    for (const definition of parts.definitions.load()) {
      if (this.compiled.has(definition.name))
        throw new SeriesError("conflict", `two series are named "${definition.name}"`);
      this.compiled.set(definition.name, { definition, expression: parsed(definition) });
    }
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  usedIn(device: string): string | undefined {
    const users = [...this.compiled.values()];
    const isOfDevice = (id: string) => id.startsWith(`${device}/`);
    return users.find(({ expression }) => seriesIn(expression).some(isOfDevice))?.definition.name;
  }

  definitions(): readonly SeriesDefinition[] {
    return [...this.compiled.values()].map(({ definition }) => definition);
  }

  list(principal: Principal, { device, after, limit }: Parameters<SeriesService["list"]>[1]) {
    if (!hasRight(principal, "series.read")) return { series: [], nextAfter: undefined };
    const found: SeriesSummary[] = [];
    let isPast = after === undefined;
    for (const summary of this.all(device)) {
      if (isPast) found.push(summary);
      if (found.length > limit) break;
      isPast ||= summary.id === after;
    }
    const series = found.slice(0, limit);
    return { series, nextAfter: found.length > limit ? series.at(-1)?.id : undefined };
  }

  private *all(device: string | undefined): Iterable<SeriesSummary> {
    if (device === undefined) {
      for (const { definition } of this.compiled.values()) yield this.summaryOf(definition);
    }
    const { registry } = this.parts;
    const only = device === undefined ? undefined : registry.device(device);
    if (device !== undefined && only === undefined) throw noSuch(device);
    for (const meter of only === undefined ? registry.devices() : [only]) {
      for (const record of recordsOf(meter)) yield recordSummary(record);
    }
  }

  private summaryOf(definition: SeriesDefinition): SeriesSummary {
    const { name, expression } = definition;
    const base = { id: name, kind: "computed" as const, name, expression };
    try {
      return { ...base, unit: this.unitOf(name), problem: undefined };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { ...base, unit: definition.unit ?? "", problem: error.message };
    }
  }

  get(principal: Principal, id: string): SeriesSummary | undefined {
    if (!hasRight(principal, "series.read")) return undefined;
    const computed = this.compiled.get(id);
    if (computed !== undefined) return this.summaryOf(computed.definition);
    const record = findRecord(this.parts.registry, id);
    return record && recordSummary(record);
  }

  definition(principal: Principal, name: string): SeriesDefinition | undefined {
    return hasRight(principal, "series.read") ? this.compiled.get(name)?.definition : undefined;
  }

  /** @throws ExpressionError where a series of the expression is gone */
  unitOf(name: string): string {
    const compiled = this.compiled.get(name);
    if (compiled === undefined) throw noSuch(name);
    return this.unitOfDefinition(compiled.definition, compiled.expression, []);
  }

  private unitOfDefinition(definition: NewDefinition, expression: Expression, path: readonly string[]): string {
    if (path.includes(definition.name)) {
      throw new ExpressionError(`"${definition.name}" is made of itself: ${[...path, definition.name].join(" → ")}`);
    }
    const inner = [...path, definition.name];
    const own = unitOfExpression(expression, (id) => {
      const computed = this.compiled.get(id);
      if (computed !== undefined) return this.unitOfDefinition(computed.definition, computed.expression, inner);
      if (path.length === 0 && id === definition.name) throw new ExpressionError(`"${id}" is made of itself`);
      const record = findRecord(this.parts.registry, id);
      if (record === undefined) throw new ExpressionError(`there is no series [${id}]; GET /api/v1/series lists them`);
      return record.description.unit;
    });
    const { unit } = definition;
    if (unit !== undefined && unit !== (own ?? "") && !isScaled(expression)) {
      throw new ExpressionError(
        `unit: the expression is in "${own ?? ""}", not "${unit}"; only a factor changes a unit`,
      );
    }
    return unit ?? own ?? "";
  }

  check(principal: Principal, definition: NewDefinition) {
    if (!hasRight(principal, "series.read"))
      throw new SeriesError("denied", denied(principal, "series.read").refusal.message);
    const expression = this.checked(definition);
    return { unit: this.unitOfDefinition(definition, expression, []), series: seriesIn(expression) };
  }

  /** @throws SeriesError */
  private checked(definition: NewDefinition): Expression {
    const { name, toleranceMinutes = defaultTolerance } = definition;
    if (!nameShape.test(name)) {
      throw new SeriesError(
        "invalid",
        `name: "${name.slice(0, 64)}" is not 1 to 64 letters, digits, blanks or . _ + * : -`,
      );
    }
    if (!(toleranceMinutes >= 0 && toleranceMinutes <= 44_640)) {
      throw new SeriesError("invalid", "toleranceMinutes: from 0 to 44640");
    }
    const expression = parsed(definition);
    if (seriesIn(expression).length === 0) throw new SeriesError("invalid", "expression: names no [series]");
    try {
      this.unitOfDefinition(definition, expression, []);
    } catch (error) {
      throw error instanceof ExpressionError ? new SeriesError("invalid", `expression: ${error.message}`) : error;
    }
    return expression;
  }

  async define(principal: Principal, definition: NewDefinition): Promise<SeriesDefinition> {
    this.mayWrite(principal, "series.define", definition.name);
    const [made] = await this.change(() => [definition]);
    if (made === undefined) throw new SeriesError("invalid", "nothing to define");
    this.changed(principal, "series.define", made.name, made.expression);
    return made;
  }

  async remove(principal: Principal, name: string): Promise<void> {
    this.mayWrite(principal, "series.remove", name);
    await this.inTurn(async () => {
      if (!this.compiled.has(name)) throw noSuch(name);
      const user = [...this.compiled.values()].find(({ expression }) => seriesIn(expression).includes(name));
      if (user !== undefined) {
        throw new SeriesError("conflict", `"${user.definition.name}" is made of "${name}"; remove that first`);
      }
      await this.parts.definitions.save(this.definitions().filter((kept) => kept.name !== name));
      this.compiled.delete(name);
    });
    this.changed(principal, "series.remove", name);
  }

  /** @throws SeriesError */
  private mayWrite(principal: Principal, action: string, target: string): void {
    const refused = refusedRight(principal, "series.write", { recorder: this.parts.recorder, action, target });
    if (refused !== undefined) throw new SeriesError("denied", refused.refusal.message);
  }

  private changed(principal: Principal, action: string, target: string, detail?: string): void {
    this.parts.recorder.record({ principal, action, target, detail, isRefused: false });
  }

  async swap(principal: Principal, swap: Parameters<SeriesService["swap"]>[1]): Promise<readonly SeriesDefinition[]> {
    const { before, after } = swap;
    this.mayWrite(principal, "series.swap", before);
    const definitions = await swapDefinitions(this.parts.registry, swap);
    const made = await this.change(() => {
      const known = definitions.find(({ name }) => this.compiled.has(name));
      if (known !== undefined) throw new SeriesError("conflict", `"${known.name}" is there already; remove it first`);
      return definitions;
    });
    this.changed(principal, "series.swap", before, `joined with ${after}`);
    return made;
  }

  /** All of them or none. */
  private change(definitionsOf: () => readonly NewDefinition[]): Promise<readonly SeriesDefinition[]> {
    return this.inTurn(async () => {
      const all = new Map(this.compiled);
      const made = definitionsOf().map((wanted) => {
        const expression = this.checked(wanted);
        const number = all.get(wanted.name)?.definition.number ?? nextNumber(all.values());
        const definition: SeriesDefinition = { ...wanted, number };
        all.set(wanted.name, { definition, expression });
        return definition;
      });
      if (all.size > mostDefinitions)
        throw new SeriesError("conflict", `there are at most ${mostDefinitions} computed series`);
      await this.parts.definitions.save([...all.values()].map(({ definition }) => definition));
      for (const { name } of made) {
        const compiled = all.get(name);
        if (compiled !== undefined) this.compiled.set(name, compiled);
      }
      return made;
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.changes.then(work).then((result) => {
      for (const listener of this.listeners) listener();
      return result;
    });
    this.changes = done.catch(() => undefined);
    return done;
  }

  async values(
    principal: Principal,
    id: string,
    { fromMs, toMs, limit }: Parameters<SeriesService["values"]>[2],
  ): Promise<SeriesPage> {
    const summary = this.get(principal, id);
    if (summary === undefined) throw noSuch(id);
    if (summary.problem !== undefined) throw new SeriesError("conflict", summary.problem);
    const range = { fromMs: fromMs ?? 0, toMs: Math.min(toMs ?? Number.MAX_SAFE_INTEGER, this.parts.clock.now()) };
    const most = Math.min(limit, mostValues);
    const values: Point[] = [];
    for await (const point of this.read(id, await this.clamped(id, range))) {
      values.push(point);
      // Points of one moment stay together: a page begins after a moment.
      if (values.length > most && point.atMs !== values[values.length - 2]?.atMs) break;
    }
    const isCut = values.length > most && values.at(-1)?.atMs !== values.at(-2)?.atMs;
    const next = isCut ? values.pop() : undefined;
    const shown = values.map(({ atMs, toMs: end, value, note, quality = 0 }) => ({
      atMs,
      toMs: end,
      value: value?.toFixed(),
      note,
      quality,
    }));
    return { unit: summary.unit, values: shown, nextFromMs: next?.atMs };
  }

  async newest(name: string): Promise<Point | undefined> {
    const now = this.parts.clock.now();
    const monthMs = 32 * 86_400_000;
    let newest: Point | undefined;
    // A short look back first: only consumption by the month needs a long one.
    for (const back of [monthMs / 400, monthMs / 12, 2 * monthMs]) {
      const range = await this.clamped(name, { fromMs: now - back, toMs: now });
      for await (const point of this.read(name, range)) newest = point;
      if (newest !== undefined) return newest;
    }
    return undefined;
  }

  private read(id: string, range: Range): Points {
    const computed = this.compiled.get(id);
    if (computed !== undefined) {
      const { definition, expression } = computed;
      const toleranceMs = (definition.toleranceMinutes ?? defaultTolerance) * 60_000;
      const read = (inner: string, wanted: Range) => this.read(inner, wanted);
      return pointsOf(expression, range, { read, zone: this.parts.zone, toleranceMs });
    }
    const record = findRecord(this.parts.registry, id);
    if (record === undefined) throw noSuch(id);
    return recordPoints(record, range);
  }

  /** No further than there are readings: a month of nothing costs as much as one of readings. */
  private async clamped(id: string, range: Range): Promise<Range> {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { device } of this.recordsBehind(id)) {
      const [oldest] = await device.parts.store.readings({ meterId: device.row.id, limit: 1 });
      if (oldest === undefined || device.newest === undefined) continue;
      first = Math.min(first, oldest.readAtMs);
      last = Math.max(last, device.newest.readAtMs);
    }
    const monthMs = 32 * 86_400_000;
    return { fromMs: Math.max(range.fromMs, first - monthMs), toMs: Math.min(range.toMs, last + monthMs) };
  }

  private *recordsBehind(id: string): Iterable<RecordSeries> {
    const computed = this.compiled.get(id);
    if (computed === undefined) {
      const record = findRecord(this.parts.registry, id);
      if (record !== undefined) yield record;
      return;
    }
    for (const inner of seriesIn(computed.expression)) yield* this.recordsBehind(inner);
  }
}

function parsed({ name, expression: source }: NewDefinition): Expression {
  try {
    const expression = parseExpression(source);
    if (constantOf(expression) !== undefined) throw new ExpressionError("it names no [series]");
    return expression;
  } catch (error) {
    if (error instanceof ExpressionError) throw new SeriesError("invalid", `expression of "${name}": ${error.message}`);
    throw error;
  }
}

function nextNumber(all: Iterable<Compiled>): number {
  return Math.max(0, ...[...all].map(({ definition }) => definition.number)) + 1;
}

function recordSummary(record: RecordSeries): SeriesSummary {
  const { description } = record;
  const { quantity, unit, function: kind, storage, tariff, subunit, modifiers } = description;
  const words = [
    quantity,
    ...(kind === "inst" ? [] : [kind]),
    ...(storage === 0 ? [] : [`storage ${storage}`]),
    ...(tariff === 0 ? [] : [`tariff ${tariff}`]),
    ...(subunit === 0 ? [] : [`subunit ${subunit}`]),
    ...modifiers,
  ];
  const name = words.join(", ");
  return { id: recordId(record), kind: "record", name, unit, expression: undefined, problem: undefined };
}

function noSuch(id: string): SeriesError {
  return new SeriesError("unknown", `there is no series "${id.slice(0, 120)}"; GET /api/v1/series lists them`);
}
