import type { FastifyRequest } from "fastify";
import type { CommissionService } from "../../../services/commission/contract.js";
import type { SearchService, SearchStatus } from "../../../services/search/contract.js";
import { SearchStart, SearchState } from "../contract/meter-list.js";
import { NoQuery } from "../contract.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf } from "./responses.js";
import { sendFile } from "./table-files.js";

const tags = ["search"];

/** /search: one search at a time; what it finds is installed and read. */
export function addSearchRoutes(routes: RestRoutes, context: RouteContext, search: SearchService): void {
  const principalOf = (request: FastifyRequest) => callerOf(context, request).principal;
  const shown = (status: SearchStatus) => searchJson(status, context.times);

  routes.get(
    "/search",
    {
      schema: {
        tags,
        summary: "How the search goes, or how the last one ended",
        querystring: NoQuery,
        response: answers(SearchState, "Progress and what was found.", 403),
      },
    },
    async (request, reply) => {
      const answer = search.status(principalOf(request));
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.post(
    "/search",
    {
      schema: {
        tags,
        summary: "Starts a search",
        body: SearchStart,
        response: answers(SearchState, "The search as it begins.", 403, 409),
      },
    },
    async (request, reply) => {
      const answer = await search.start(principalOf(request), request.body);
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.delete(
    "/search",
    {
      schema: {
        tags,
        summary: "Ends the search; what was found stays",
        querystring: NoQuery,
        response: answers(SearchState, "How it ended.", 403, 409),
      },
    },
    async (request, reply) => {
      const answer = await search.cancel(principalOf(request));
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );
}

export function addCommissionRoute(routes: RestRoutes, context: RouteContext, commission: CommissionService): void {
  routes.get(
    "/commission-report",
    { schema: { tags: ["meter list"], summary: "The commission report, .xlsx of four sheets", querystring: NoQuery } },
    async (request, reply) => sendFile(reply, await commission.report(callerOf(context, request).principal)),
  );
}

function searchJson(status: SearchStatus, times: RouteContext["times"]): SearchState {
  const { startedAtMs, endedAtMs, interfaces, found, unresolved, ...rest } = status;
  return {
    ...rest,
    startedAt: times.fromMs(startedAtMs),
    endedAt: times.fromMs(endedAtMs),
    message: rest.message ?? null,
    secondsLeft: rest.secondsLeft ?? null,
    interfaces: interfaces.map((part) => ({
      ...part,
      mode: part.mode ?? null,
      baudRate: part.baudRate ?? null,
      message: part.message ?? null,
    })),
    found: found.map((meter) => ({ ...meter, device: meter.device ?? null, message: meter.message ?? null })),
    unresolved: [...unresolved],
  };
}
