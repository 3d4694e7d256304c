import type { ReceptionSummary } from "../../../services/reception/contract.js";
import { NoQuery, PageQuery, ReceiverList, type Reception, ReceptionList } from "../contract.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf } from "./responses.js";

const defaultPage = 100;

/** GET /receptions and /receivers: what is in the air, and who hears it. */
export function addReceptionRoutes(routes: RestRoutes, context: RouteContext): void {
  const { receptions } = context.options;
  const { times } = context;
  const tags = ["wireless"];

  routes.get(
    "/receptions",
    {
      config: { right: "receptions.read" },
      schema: {
        tags,
        summary: "Every wireless meter heard, installed or not, in the order of first being heard",
        querystring: PageQuery,
        response: answers(ReceptionList, "One page of receptions."),
      },
    },
    async (request): Promise<ReceptionList> => {
      const { limit = defaultPage, cursor } = request.query;
      const { principal } = callerOf(context, request);
      const page = receptions?.list(principal, {
        limit,
        ...(cursor === undefined ? {} : { afterNumber: Number(cursor) }),
      });
      if (page === undefined) return { receptions: [], total: 0, next: null };
      return {
        receptions: page.receptions.map((summary) => receptionJson(summary, times)),
        total: page.total,
        next: page.nextAfterNumber?.toString() ?? null,
      };
    },
  );

  routes.get(
    "/receivers",
    {
      config: { right: "receptions.read" },
      schema: {
        tags,
        summary: "The radio receivers and how they are doing",
        querystring: NoQuery,
        response: answers(ReceiverList, "All receivers, in the order of the settings."),
      },
    },
    async (request): Promise<ReceiverList> => {
      const receivers = receptions?.receivers(callerOf(context, request).principal) ?? [];
      return {
        receivers: receivers.map(({ lastHeardAtMs, cause, ...counts }) => ({
          ...counts,
          lastHeardAt: times.fromMs(lastHeardAtMs),
          cause: cause ?? null,
        })),
      };
    },
  );
}

function receptionJson(summary: ReceptionSummary, times: RouteContext["times"]): Reception {
  const { unread } = summary;
  return {
    meter: summary.meter,
    device: summary.device ?? null,
    manufacturer: summary.manufacturer,
    identification: summary.identification,
    version: summary.version,
    medium: summary.medium,
    mediumName: summary.mediumName,
    firstAt: times.fromMs(summary.firstAtMs),
    lastAt: times.fromMs(summary.lastAtMs),
    count: summary.count,
    encrypted: summary.isEncrypted,
    repeated: summary.isRepeated,
    accessNumber: summary.accessNumber ?? null,
    proprietary: summary.proprietary ?? null,
    unread:
      unread === undefined ? null : { count: unread.count, lastAt: times.fromMs(unread.lastAtMs), cause: unread.cause },
    links: summary.links.map(({ receiver, rssiDbm, mode, lastAtMs, count }) => ({
      receiver,
      rssiDbm: rssiDbm ?? null,
      mode: mode ?? null,
      lastAt: times.fromMs(lastAtMs),
      count,
    })),
  };
}
