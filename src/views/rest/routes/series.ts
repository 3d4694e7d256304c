import type { FastifyRequest } from "fastify";
import { type SeriesDefinition as Kept, SeriesError, type SeriesService } from "../../../services/series/contract.js";
import {
  DefinedSeries,
  MeterSwap,
  SeriesCheck,
  SeriesDefinition,
  SeriesList,
  SeriesNameQuery,
  SeriesQuery,
  SeriesValues,
  SeriesValuesQuery,
} from "../contract/series.js";
import { NoQuery } from "../contract.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { readingQualityText } from "../status-words.js";
import { parseMoment } from "../times.js";
import { answers, callerOf } from "./responses.js";

const tags = ["series"];

/** /series: each record's, computed ones, values of both, meters joined at a swap. */
export function addSeriesRoutes(routes: RestRoutes, context: RouteContext): void {
  const { series } = context.options;
  if (series === undefined) return;
  addReading(routes, context, series);
  addWriting(routes, context, series);
}

function addReading(routes: RestRoutes, context: RouteContext, series: SeriesService): void {
  const { times } = context;
  const caller = (request: FastifyRequest) => callerOf(context, request).principal;

  routes.get(
    "/series",
    {
      config: { right: "series.read" },
      schema: {
        tags,
        summary: "Measurement series: computed ones, then one for each record of each meter",
        querystring: SeriesQuery,
        response: answers(SeriesList, "One page.", 404),
      },
    },
    (request, reply) =>
      told(reply, () => {
        const { device, after, limit = 200 } = request.query;
        const page = series.list(caller(request), { device, after, limit });
        return {
          series: page.series.map(({ expression, problem, ...rest }) => ({
            ...rest,
            expression: expression ?? null,
            problem: problem ?? null,
          })),
          next: page.nextAfter ?? null,
        } satisfies SeriesList;
      }),
  );

  routes.get(
    "/series/values",
    {
      config: { right: "series.read" },
      schema: {
        tags,
        summary: "Values of a series, oldest first",
        querystring: SeriesValuesQuery,
        response: answers(SeriesValues, "One page.", 404),
      },
    },
    (request, reply) =>
      told(reply, async () => {
        const { id, from, to, limit = 1000 } = request.query;
        const range = { fromMs: moment("from", from), toMs: moment("to", to) };
        const page = await series.values(caller(request), id, { ...range, limit });
        return {
          id,
          unit: page.unit,
          values: page.values.map(({ atMs, toMs, value, note, quality }) => ({
            time: times.fromMs(atMs),
            end: toMs === undefined ? null : times.fromMs(toMs),
            value: value ?? null,
            note: note ?? null,
            status: readingQualityText(quality),
          })),
          next: page.nextFromMs === undefined ? null : times.fromMs(page.nextFromMs),
        } satisfies SeriesValues;
      }),
  );

  routes.post(
    "/series/check",
    {
      schema: {
        tags,
        summary: "What a computed series would be, without keeping it",
        querystring: NoQuery,
        body: SeriesDefinition,
        response: answers(SeriesCheck, "Its unit, and the series that it is made of.", 404, 409),
      },
    },
    (request, reply) =>
      told(reply, () => {
        const { unit, series: sources } = series.check(caller(request), request.body);
        return { unit, series: [...sources] } satisfies SeriesCheck;
      }),
  );
}

function addWriting(routes: RestRoutes, context: RouteContext, series: SeriesService): void {
  const caller = (request: FastifyRequest) => callerOf(context, request).principal;

  routes.put(
    "/series/computed",
    {
      schema: {
        tags,
        summary: "Makes or changes a computed series",
        querystring: NoQuery,
        body: SeriesDefinition,
        response: answers(DefinedSeries, "It is kept.", 403, 404, 409),
      },
    },
    (request, reply) => told(reply, async () => defined([await series.define(caller(request), request.body)])),
  );

  routes.delete(
    "/series/computed",
    {
      schema: {
        tags,
        summary: "Removes a computed series; its readings are those of its meters and stay",
        querystring: SeriesNameQuery,
        response: answers(DefinedSeries, "It is gone.", 403, 404, 409),
      },
    },
    (request, reply) =>
      told(reply, async () => {
        await series.remove(caller(request), request.query.name);
        return defined([]);
      }),
  );

  routes.post(
    "/series/swaps",
    {
      schema: {
        tags,
        summary: "Joins the counters of an old and a new meter: one series each that goes on without a step",
        querystring: NoQuery,
        body: MeterSwap,
        response: answers(DefinedSeries, "The joined series.", 403, 404, 409),
      },
    },
    (request, reply) =>
      told(reply, async () => {
        const { at, ...swap } = request.body;
        const atMs = moment("at", at);
        if (atMs === undefined) throw new SeriesError("invalid", '"at" is missing');
        return defined(await series.swap(caller(request), { ...swap, atMs }));
      }),
  );
}

function defined(made: readonly Kept[]): DefinedSeries {
  return {
    series: made.map(({ name, expression, number }) => ({
      name,
      expression,
      register: `gateway/0-128:199.${number >> 8}.${number & 255}*255/2`,
    })),
  };
}

function moment(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = parseMoment(text);
  if (at !== undefined) return at;
  throw new SeriesError("invalid", `"${key}" is not a moment; write ISO 8601 with zone, e.g. 2026-11-22T11:00:00Z`);
}

/** What the service refuses is told as a problem. */
async function told<R extends object, T>(reply: R, work: () => T | Promise<T>): Promise<T | R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SeriesError) return sendServiceRefusal(reply, { reason: error.kind, message: error.message });
    throw error;
  }
}
