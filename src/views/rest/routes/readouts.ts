import type { FastifyReply, FastifyRequest } from "fastify";
import type {
  ContinuousStatus,
  CycleState,
  ReadoutService,
  Refusable,
  MeterStatistics as Statistics,
} from "../../../services/readouts/contract.js";
import {
  Buses,
  ClockState,
  Continuous,
  ContinuousBody,
  ManualReadout,
  MeterStatistics,
  ReadoutCycle,
  ReadoutEntries,
  ReadoutsQuery,
} from "../contract/readouts.js";
import { DeviceParams, NoQuery } from "../contract.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, principalOf as callerPrincipal } from "./responses.js";

const tags = ["readouts"];
const defaultPage = 100;

/** Reading now, how readouts went, who holds the buses, continuous mode and the clock's state. */
export function addReadoutRoutes(routes: RestRoutes, context: RouteContext, readouts: ReadoutService): void {
  const { times } = context;
  const principalOf = (request: FastifyRequest) => callerPrincipal(context, request);
  const cycleJson = ({ isRunning, startedAtMs, lateCycles, last }: CycleState): ReadoutCycle => ({
    running: isRunning,
    startedAt: times.fromMs(startedAtMs),
    lateCycles,
    last: last === undefined ? null : lastCycle(last),
  });
  const lastCycle = ({ startedAtMs, ...rest }: NonNullable<CycleState["last"]>) => ({
    startedAt: times.fromMs(startedAtMs),
    ...rest,
  });

  routes.post(
    "/meters/:device/readout",
    {
      schema: {
        tags,
        summary: "Reads one meter now and keeps the reading; the answer comes when it is kept",
        params: DeviceParams,
        response: answers(ManualReadout, "How it ended, also where the meter did not answer.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await readouts.read(principalOf(request), request.params.device);
      return sent(reply, answer, ({ readAtMs, readingNumber, ...rest }) => ({
        ...rest,
        readingNumber: readingNumber ?? null,
        readAt: times.fromMs(readAtMs),
      }));
    },
  );
  routes.get(
    "/meters/:device/statistics",
    {
      schema: {
        tags,
        summary: "Success rate and response times of a meter",
        params: DeviceParams,
        querystring: NoQuery,
        response: answers(MeterStatistics, "Over all its recorded readouts.", 403, 404),
      },
    },
    async (request, reply) => {
      const answer = await readouts.statistics(principalOf(request), request.params.device);
      return sent(reply, answer, (statistics: Statistics) => {
        const { firstAtMs, lastAtMs, lastGoodAtMs, meanResponseMs, maxResponseMs, ...rest } = statistics;
        return {
          ...rest,
          meanResponseMs: meanResponseMs ?? null,
          maxResponseMs: maxResponseMs ?? null,
          firstAt: times.fromMs(firstAtMs),
          lastAt: times.fromMs(lastAtMs),
          lastGoodAt: times.fromMs(lastGoodAtMs),
        };
      });
    },
  );
  routes.get(
    "/readouts",
    {
      schema: {
        tags,
        summary: "How each readout went, newest first",
        querystring: ReadoutsQuery,
        response: answers(ReadoutEntries, "One page of records.", 403, 404),
      },
    },
    async (request, reply) => {
      const { device, failed, limit = defaultPage, cursor } = request.query;
      const answer = await readouts.entries(principalOf(request), {
        limit,
        ...(device === undefined ? {} : { device }),
        ...(failed === undefined ? {} : { onlyFailed: failed }),
        ...(cursor === undefined ? {} : { beforeId: Number(cursor) }),
      });
      return sent(reply, answer, ({ entries, nextBeforeId }) => ({
        readouts: entries.map(({ createdAtMs, reason, responseMs, signalDbm, ...rest }) => ({
          ...rest,
          createdAt: times.fromMs(createdAtMs),
          reason: reason ?? null,
          responseMs: responseMs ?? null,
          signalDbm: signalDbm ?? null,
        })),
        next: nextBeforeId?.toString() ?? null,
      }));
    },
  );
  routes.get(
    "/readouts/cycle",
    {
      schema: {
        tags,
        summary: "The readout cycle: running or not, and how the last one went",
        querystring: NoQuery,
        response: answers(ReadoutCycle, "The cycle.", 403),
      },
    },
    async (request, reply) => sent(reply, readouts.cycle(principalOf(request)), cycleJson),
  );
  routes.post(
    "/readouts/cycle",
    {
      schema: {
        tags,
        summary: "Read all & store: starts a cycle, or one more after that under way",
        response: answers(ReadoutCycle, "The cycle as it begins.", 403),
      },
    },
    async (request, reply) => sent(reply, readouts.readAll(principalOf(request)), cycleJson),
  );
  routes.get(
    "/readouts/continuous",
    {
      schema: {
        tags,
        summary: "Continuous mode: on or off",
        querystring: NoQuery,
        response: answers(Continuous, "Continuous mode.", 403),
      },
    },
    async (request, reply) => sent(reply, readouts.continuous(principalOf(request)), continuousJson),
  );
  routes.put(
    "/readouts/continuous",
    {
      schema: {
        tags,
        summary: "Switches continuous mode: meters are read without pause, into memory alone",
        body: ContinuousBody,
        response: answers(Continuous, "Continuous mode as it is now.", 403),
      },
    },
    async (request, reply) => {
      const { on } = request.body as { on: boolean };
      return sent(reply, await readouts.setContinuous(principalOf(request), on), continuousJson);
    },
  );
  routes.get(
    "/buses",
    {
      schema: {
        tags,
        summary: "Who holds each bus, and who waits",
        querystring: NoQuery,
        response: answers(Buses, "The buses.", 403),
      },
    },
    async (request, reply) =>
      sent(reply, readouts.buses(principalOf(request)), (buses) => ({
        buses: buses.map(({ bus, isOpen, holder, heldSinceMs, endsAtMs, waiting }) => ({
          bus,
          open: isOpen,
          holder: holder ?? null,
          heldSince: times.fromMs(heldSinceMs),
          endsAt: times.fromMs(endsAtMs),
          waiting: waiting.map((claim) => ({ ...claim })),
        })),
      })),
  );
  routes.get(
    "/clock",
    {
      schema: {
        tags,
        summary: "Whether the gateway's clock is known to be right",
        querystring: NoQuery,
        response: answers(ClockState, "The clock.", 403),
      },
    },
    async (request, reply) => sent(reply, readouts.clock(principalOf(request)), clockJson),
  );
  routes.post(
    "/clock/confirm",
    {
      schema: {
        tags,
        summary: "Says that the clock is right; readings taken before are put right",
        response: answers(ClockState, "The clock.", 403),
      },
    },
    async (request, reply) => sent(reply, readouts.confirmClock(principalOf(request)), clockJson),
  );
}

const continuousJson = ({ isOn, read, failed, rounds }: ContinuousStatus): Continuous => ({
  on: isOn,
  read,
  failed,
  rounds,
});

const clockJson = ({
  isGood,
  source,
  pendingReadings,
}: {
  isGood: boolean;
  source: string | undefined;
  pendingReadings: number;
}) => ({
  good: isGood,
  source: source ?? null,
  pendingReadings,
});

/** The value in its JSON form, or the refusal. */
export function sent<Value, Json extends object>(
  reply: Pick<FastifyReply, "code">,
  answer: Refusable<Value>,
  json: (value: Value) => Json,
): Json | object {
  return answer.ok ? json(answer.value) : sendServiceRefusal(reply as FastifyReply, answer.refusal);
}
