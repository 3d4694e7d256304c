import { DeviceParams, History, HistoryQuery } from "../contract.js";
import { sendProblem, sendRefusal } from "../errors.js";
import { loadProfileOf, readHistory } from "../history.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { parseMoment } from "../times.js";
import { answers, callerOf, noSuchMeter } from "./responses.js";

const defaultRows = 500;

/** GET /meters/{device}/history: load profile 1, oldest first, in pages. */
export function addHistoryRoute(routes: RestRoutes, context: RouteContext): void {
  routes.get(
    "/meters/:device/history",
    {
      config: { right: "history.read" },
      schema: {
        tags: ["meters"],
        summary: "Every stored reading of a meter: its load profile 1",
        params: DeviceParams,
        querystring: HistoryQuery,
        response: answers(History, "One page of readings, oldest first.", 403, 404, 503),
      },
    },
    async (request, reply) => {
      const { from, to, limit = defaultRows, cursor, columns } = request.query;
      const fromMs = from === undefined ? undefined : parseMoment(from);
      const toMs = to === undefined ? undefined : parseMoment(to);
      for (const [key, text, moment] of [["from", from, fromMs] as const, ["to", to, toMs] as const]) {
        if (text === undefined || moment !== undefined) continue;
        const shape = "write ISO 8601 with zone, e.g. 2026-11-22T11:00:00Z";
        return sendProblem(reply, 400, `query key "${key}" is not a moment; ${shape}`);
      }
      const device = context.registry.device(request.params.device);
      if (device === undefined) return sendProblem(reply, 404, noSuchMeter(request.params.device));
      const caller = callerOf(context, request);
      const profile = loadProfileOf(caller, device);
      if (profile === undefined) {
        return sendProblem(reply, 404, `${device.name} has no load profile 1; it gets one at its first good readout`);
      }
      const names = columns?.split(",").map((name) => name.trim());
      const answer = await readHistory(caller, device, profile, { fromMs, toMs, limit, cursor, columns: names });
      if (answer.kind === "refused")
        return sendRefusal(reply, answer.refusal, `${device.name}/${profile.logicalName}/2`);
      if (answer.kind === "unknownColumn") {
        const known = answer.known.join(", ");
        return sendProblem(
          reply,
          400,
          `query key "columns": no column "${answer.name.slice(0, 64)}"; there are ${known}`,
        );
      }
      return answer.history;
    },
  );
}
