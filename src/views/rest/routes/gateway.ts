import { Gateway, Health, NoQuery } from "../contract.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf } from "./responses.js";

/** GET /gateway and GET /health. */
export function addGatewayRoutes(routes: RestRoutes, context: RouteContext): void {
  const { gateway, clock, registry, meters } = context.options;

  routes.get(
    "/gateway",
    {
      schema: {
        tags: ["gateway"],
        summary: "The gateway: name, time, open doors, notices",
        querystring: NoQuery,
        response: answers(Gateway, "The gateway now."),
      },
    },
    async (request): Promise<Gateway> => ({
      device: registry.device("gateway")?.name ?? "gateway",
      productName: gateway.productName,
      version: gateway.version,
      now: context.times.fromMs(clock.now()),
      startedAt: context.times.fromMs(gateway.startedAtMs),
      meterCount: meters.list(callerOf(context, request).principal, { limit: 1 }).total,
      doors: gateway.doors().map(({ name, port }) => ({ name, port })),
      notices: [...gateway.notices()],
      refusals: [...(gateway.refusals?.() ?? [])],
    }),
  );

  routes.get(
    "/health",
    {
      config: { isOpen: true },
      schema: {
        tags: ["gateway"],
        summary: "Whether the gateway answers, for supervisors",
        querystring: NoQuery,
        response: answers(Health, "It answers."),
      },
    },
    async (): Promise<Health> => ({
      status: "ok",
      uptimeSeconds: Math.max(0, Math.floor((clock.now() - gateway.startedAtMs) / 1000)),
    }),
  );
}
