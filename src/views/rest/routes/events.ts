import type { Access } from "../access.js";
import { NoQuery } from "../contract.js";
import { sendProblem } from "../errors.js";
import type { EventHub } from "../event-hub.js";
import type { RestRoutes } from "../route-context.js";

/** GET /events: server-sent events, one `meter` for each committed readout. */
export function addEventRoute(
  routes: RestRoutes,
  hub: EventHub,
  { mayRead, isStillIn }: Pick<Access, "mayRead" | "isStillIn">,
): void {
  routes.get(
    "/events",
    {
      exposeHeadRoute: false,
      schema: {
        tags: ["events"],
        summary: "Newest values as they are stored (server-sent events)",
        description:
          "Event `meter`: a readout was committed; data is the Meter. Event `resynchronise`: events were left out, " +
          "read everything again. Comments are heartbeats.",
        querystring: NoQuery,
        response: {
          200: { description: "The stream.", content: { "text/event-stream": { schema: { type: "string" } } } },
        },
      },
    },
    (request, reply) => {
      if (!mayRead(request)) {
        sendProblem(reply, 403, "this caller may not read meters; an admin can give the right meters.read");
        return;
      }
      const { raw } = reply;
      const client = hub.open({
        write: (text) => raw.write(text),
        end: () => raw.end(),
        destroy: () => raw.destroy(),
        isWanted: () => isStillIn(request),
      });
      if (client === undefined) {
        reply.header("retry-after", "30");
        sendProblem(reply, 503, "too many event streams are open; close one or try again in 30 s");
        return;
      }
      raw.on("drain", () => client.drained());
      raw.on("close", () => client.close());
      raw.on("error", () => client.close());
      const headers = { ...reply.getHeaders(), "content-type": "text/event-stream; charset=utf-8" };
      reply.hijack();
      raw.writeHead(200, { ...headers, "cache-control": "no-store" } as NodeJS.Dict<string>);
      raw.write("retry: 2000\n: events follow\n\n");
      request.socket.setNoDelay(true);
    },
  );
}
