import { toHex } from "../../../../cosem/index.js";
import { DeviceParams, NoQuery, ReceivedQuery, ReceivedTelegrams, Storage } from "../contract.js";
import { sendProblem } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf, noSuchMeter } from "./responses.js";

const defaultTelegrams = 10;

/** GET /storage and /meters/{device}/received: what is kept, how long the disk lasts, telegrams as received. */
export function addStorageRoutes(routes: RestRoutes, context: RouteContext): void {
  const { history } = context.options;
  const { times } = context;

  routes.get(
    "/storage",
    {
      schema: {
        tags: ["gateway"],
        summary: "The kept readings: how many, what they take, when the disk will be full",
        querystring: NoQuery,
        response: answers(Storage, "The history now.", 404),
      },
    },
    async (request, reply) => {
      const report = await history?.storage(callerOf(context, request).principal);
      if (report === undefined) return sendProblem(reply, 404, "this gateway tells nothing of its storage");
      const { oldestMs, newestMs, bytesPerReading, daysUntilFull, ...figures } = report;
      return {
        ...figures,
        oldest: oldestMs === undefined ? null : times.fromMs(oldestMs),
        newest: newestMs === undefined ? null : times.fromMs(newestMs),
        bytesPerReading: bytesPerReading ?? null,
        daysUntilFull: daysUntilFull ?? null,
        capacity: [...figures.capacity],
      } satisfies Storage;
    },
  );

  routes.get(
    "/meters/:device/received",
    {
      config: { right: "history.read" },
      schema: {
        tags: ["meters"],
        summary: "The last telegrams of a meter as they were received, newest first",
        params: DeviceParams,
        querystring: ReceivedQuery,
        response: answers(ReceivedTelegrams, "The telegrams; how many are kept is a setting.", 404),
      },
    },
    async (request, reply) => {
      const { device } = request.params;
      const { principal } = callerOf(context, request);
      const found = await history?.telegrams(principal, device, request.query.limit ?? defaultTelegrams);
      if (found === undefined) return sendProblem(reply, 404, noSuchMeter(device));
      return {
        telegrams: found.map(({ receivedAtMs, bytes }) => ({
          receivedAt: times.fromMs(receivedAtMs),
          hex: toHex(bytes),
        })),
      } satisfies ReceivedTelegrams;
    },
  );
}
