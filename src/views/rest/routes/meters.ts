import type { CosemObject } from "../../../../cosem/index.js";
import { allAnswers } from "../answers.js";
import { DeviceParams, Meter, MeterList, NoQuery, ObjectList, PageQuery } from "../contract.js";
import { sendProblem } from "../errors.js";
import { deviceWords, meterJson, objectSummary } from "../meter-json.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf, noSuchMeter } from "./responses.js";

const defaultPage = 100;

/** GET /meters, /meters/{device} and /meters/{device}/objects. */
export function addMeterRoutes(routes: RestRoutes, context: RouteContext): void {
  const { registry, meters } = context;
  const tags = ["meters"];

  routes.get(
    "/meters",
    {
      schema: {
        tags,
        summary: "All meters with their main values, in order of SAP",
        querystring: PageQuery,
        response: answers(MeterList, "One page of meters."),
      },
    },
    async (request): Promise<MeterList> => {
      const { limit = defaultPage, cursor } = request.query;
      const caller = callerOf(context, request);
      const page = meters.list(caller.principal, {
        limit,
        ...(cursor === undefined ? {} : { afterSap: Number(cursor) }),
      });
      const list = await allAnswers(page.meters.map((summary) => meterJson(caller, summary)));
      return { meters: [...list], total: page.total, next: page.nextAfterSap?.toString() ?? null };
    },
  );

  routes.get(
    "/meters/:device",
    {
      schema: {
        tags,
        summary: "One meter with its main values",
        params: DeviceParams,
        querystring: NoQuery,
        response: answers(Meter, "The meter.", 404),
      },
    },
    async (request, reply) => {
      const caller = callerOf(context, request);
      const summary = meters.get(caller.principal, request.params.device);
      if (summary === undefined) return sendProblem(reply, 404, noSuchMeter(request.params.device));
      return meterJson(caller, summary);
    },
  );

  routes.get(
    "/meters/:device/objects",
    {
      schema: {
        tags,
        summary: "All objects of a meter (or of `gateway`) with their values",
        params: DeviceParams,
        querystring: PageQuery,
        response: answers(ObjectList, "One page of objects, in the order of the device's object list.", 404),
      },
    },
    async (request, reply) => {
      const { limit = defaultPage, cursor = "0" } = request.query;
      const device = registry.device(request.params.device);
      if (device === undefined) return sendProblem(reply, 404, noSuchMeter(request.params.device));
      const caller = callerOf(context, request);
      const words = deviceWords(caller, device);
      const { objects, hasMore } = slice(registry.visibleObjects(device, caller.principal), Number(cursor), limit);
      const list = await allAnswers(objects.map((object) => objectSummary(caller, device, object, words.of(object))));
      return { objects: [...list], next: hasMore ? String(Number(cursor) + limit) : null } satisfies ObjectList;
    },
  );
}

function slice(objects: Iterable<CosemObject>, skip: number, count: number) {
  const page: CosemObject[] = [];
  let position = 0;
  for (const object of objects) {
    if (page.length === count) return { objects: page, hasMore: true };
    if (position >= skip) page.push(object);
    position++;
  }
  return { objects: page, hasMore: false };
}
