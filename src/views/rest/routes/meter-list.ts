import type { FastifyRequest } from "fastify";
import type {
  MeterChanges,
  MeterListing,
  MeterListService,
  MeterSelection,
} from "../../../services/meter-list/contract.js";
import {
  BulkAnswer,
  FormatQuery,
  ImportAnswer,
  ImportQuery,
  ListedMeter,
  ListedMeters,
  MeterBulk,
  MeterChange,
  MeterListQuery,
  RemoveQuery,
} from "../contract/meter-list.js";
import { DeviceParams, NoQuery } from "../contract.js";
import { sendProblem, sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf } from "./responses.js";
import { addFileBodies, fileBytesOf, importJson, sendFile } from "./table-files.js";

const tags = ["meter list"];
const defaultPage = 100;

/** /meter-list: which meters are installed; import, export and what is done to many at once. */
export function addMeterListRoutes(routes: RestRoutes, context: RouteContext, list: MeterListService): void {
  const { times } = context;
  const principalOf = (request: FastifyRequest) => callerOf(context, request).principal;
  const shown = (meter: MeterListing) => listedMeter(meter, times);

  routes.get(
    "/meter-list",
    {
      schema: {
        tags,
        summary: "The meters on the list, in the order of their SAP",
        querystring: MeterListQuery,
        response: answers(ListedMeters, "One page of meters.", 403),
      },
    },
    async (request, reply) => {
      const { limit = defaultPage, cursor, ...wanted } = request.query;
      const query = { ...wanted, limit, afterSap: cursor === undefined ? undefined : Number(cursor) };
      const answer = list.list(principalOf(request), query);
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const { meters, total, active, passive, nextAfterSap } = answer.value;
      return { meters: meters.map(shown), total, active, passive, next: nextAfterSap?.toString() ?? null };
    },
  );

  routes.get(
    "/meter-list/:device",
    {
      schema: {
        tags,
        summary: "What the list has of a meter",
        params: DeviceParams,
        querystring: NoQuery,
        response: answers(ListedMeter, "The meter.", 403, 404),
      },
    },
    async (request, reply) => {
      const answer = list.get(principalOf(request), request.params.device);
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.post(
    "/meter-list",
    {
      schema: {
        tags,
        summary: "Adds a meter; it is read from the next cycle on",
        body: MeterChange,
        response: answers(ListedMeter, "The meter as it is on the list.", 403, 409),
      },
    },
    async (request, reply) => {
      const draft = Object.fromEntries(
        Object.entries(request.body).map(([field, value]) => [field, value ?? undefined]),
      );
      const answer = await list.add(principalOf(request), draft);
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.patch(
    "/meter-list/:device",
    {
      schema: {
        tags,
        summary: "Changes a meter, without a restart",
        params: DeviceParams,
        body: MeterChange,
        response: answers(ListedMeter, "The meter as it is now.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await list.change(principalOf(request), request.params.device, changesOf(request.body));
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.delete(
    "/meter-list/:device",
    {
      schema: {
        tags,
        summary: "Takes a meter off the list, with its readings unless asked otherwise; its SAP stays its own for life",
        params: DeviceParams,
        querystring: RemoveQuery,
        response: answers(ListedMeter, "The meter as it was.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const { keepHistory } = request.query;
      const answer = await list.remove(principalOf(request), request.params.device, { keepHistory });
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.post(
    "/meter-list/:device/replace",
    {
      schema: {
        tags,
        summary: "Puts another meter in this one's place; this one stays with its history, passive",
        params: DeviceParams,
        body: MeterChange,
        response: answers(ListedMeter, "The new meter.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await list.replace(principalOf(request), request.params.device, changesOf(request.body));
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.post(
    "/meter-list/:device/reinstall",
    {
      schema: {
        tags,
        summary: "Wireless: chooses the receiver that hears the meter best now",
        params: DeviceParams,
        response: answers(ListedMeter, "The meter with its receiver.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await list.reinstall(principalOf(request), request.params.device);
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.post(
    "/meter-list/bulk",
    {
      schema: {
        tags,
        summary: "Changes, removes or reinstalls many meters at once",
        body: MeterBulk,
        response: answers(BulkAnswer, "How many, and which were refused.", 403),
      },
    },
    async (request, reply) => {
      const { meters, all, action, changes, keepHistory } = request.body;
      if ((meters === undefined) === (all === undefined)) {
        return sendProblem(reply, 400, "either `meters` (names) or `all` (a query) is wanted");
      }
      const selection: MeterSelection = meters === undefined ? { all: all ?? {} } : { meters };
      const what =
        action === "change"
          ? { kind: action, changes: changesOf(changes ?? {}) }
          : action === "remove"
            ? { kind: action, keepHistory }
            : { kind: action };
      const answer = await list.bulk(principalOf(request), selection, what);
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      return { done: answer.value.done, refused: answer.value.refused.map((refused) => ({ ...refused })) };
    },
  );

  addFileBodies(routes, (scope) => {
    scope.post(
      "/meter-list/import",
      {
        schema: {
          tags,
          summary: "Takes a CSV, .xls or .xlsx file of meters; the body is the file",
          querystring: ImportQuery,
          response: answers(ImportAnswer, "What was or would be taken, and each bad row.", 403),
        },
      },
      async (request, reply) => {
        const { interfaceName, name = "file", ...options } = request.query;
        const bytes = fileBytesOf(request);
        if (bytes === undefined) return sendProblem(reply, 400, "the body must be the file");
        const chosen = { ...options, defaultInterface: interfaceName };
        const answer = await list.importFile(principalOf(request), { name, bytes }, chosen);
        return answer.ok ? importJson(answer.value) : sendServiceRefusal(reply, answer.refusal);
      },
    );
  });

  for (const [path, summary] of [
    ["export", "All meters as a file, in the columns that the import takes"],
    ["example", "A file to begin with"],
  ] as const) {
    routes.get(
      `/meter-list/${path}`,
      { schema: { tags, summary, querystring: FormatQuery } },
      async (request, reply) => {
        const { format = "csv" } = request.query;
        const principal = principalOf(request);
        return sendFile(
          reply,
          path === "export" ? await list.exportFile(principal, format) : await list.example(principal, format),
        );
      },
    );
  }
}

/** Null stays: it takes a value away. Of M-Bus settings undefined does. */
function changesOf({ mbus, ...fields }: MeterChange): MeterChanges {
  if (mbus === undefined || mbus === null) return mbus === undefined ? fields : { ...fields, mbus: null };
  const own = Object.fromEntries(Object.entries(mbus).map(([name, value]) => [name, value ?? undefined]));
  return { ...fields, mbus: own };
}

function listedMeter(meter: MeterListing, times: RouteContext["times"]): ListedMeter {
  const { readAtMs, optionalReceivers, key, mbus, ...rest } = meter;
  return {
    ...rest,
    secondaryAddress: rest.secondaryAddress ?? null,
    manufacturer: rest.manufacturer ?? null,
    version: rest.version ?? null,
    type: rest.type ?? null,
    typeName: rest.typeName ?? null,
    primaryAddress: rest.primaryAddress ?? null,
    baudRate: rest.baudRate ?? null,
    fabricationNumber: rest.fabricationNumber ?? null,
    receiver: rest.receiver ?? null,
    optionalReceivers: optionalReceivers.map(({ receiver, rssiDbm }) => ({ receiver, rssiDbm: rssiDbm ?? null })),
    mbus: { ...mbus } as ListedMeter["mbus"],
    key: { kind: key.kind, keyId: "keyId" in key ? key.keyId : null },
    readAt: times.fromMs(readAtMs),
  };
}
