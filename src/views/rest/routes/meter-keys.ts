import type { FastifyRequest } from "fastify";
import type { KeyListing, KeyService } from "../../../services/keys/contract.js";
import {
  FormatQuery,
  ImportAnswer,
  ImportQuery,
  KeyParams,
  ListedKey,
  ListedKeys,
  NewMeterKey,
} from "../contract/meter-list.js";
import { PageQuery } from "../contract.js";
import { sendProblem, sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf } from "./responses.js";
import { addFileBodies, fileBytesOf, importJson, sendFile } from "./table-files.js";

const tags = ["keys"];
const defaultPage = 100;

/** /keys: for which meters there is a key. No answer ever has one in it. */
export function addKeyRoutes(routes: RestRoutes, context: RouteContext, keys: KeyService): void {
  const principalOf = (request: FastifyRequest) => callerOf(context, request).principal;
  const shown = ({ addedAtMs, ...key }: KeyListing): ListedKey => ({
    id: key.id,
    address: key.address ?? null,
    manufacturer: key.manufacturer ?? null,
    deviceType: key.deviceType ?? null,
    version: key.version ?? null,
    device: key.device ?? null,
    addedAt: context.times.fromMs(addedAtMs),
    meterCount: key.meterCount,
  });

  routes.get(
    "/keys",
    {
      schema: {
        tags,
        summary: "For which meters there are keys",
        querystring: PageQuery,
        response: answers(ListedKeys, "One page of keys, without their secrets.", 403),
      },
    },
    async (request, reply) => {
      const { limit = defaultPage, cursor } = request.query;
      const answer = keys.list(principalOf(request), {
        limit,
        afterId: cursor === undefined ? undefined : Number(cursor),
      });
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const { keys: page, total, nextAfterId } = answer.value;
      return { keys: page.map(shown), total, next: nextAfterId?.toString() ?? null };
    },
  );

  routes.post(
    "/keys",
    {
      schema: {
        tags,
        summary: "Keeps a key for all meters that it fits, or for one meter",
        body: NewMeterKey,
        response: answers(ListedKey, "The key without its secret.", 403, 404),
      },
    },
    async (request, reply) => {
      const { key, address, manufacturer, deviceType, version, device } = request.body;
      const answer = await keys.add(principalOf(request), {
        key,
        address: address ?? undefined,
        manufacturer: manufacturer ?? undefined,
        deviceType: deviceType ?? undefined,
        version: version ?? undefined,
        device: device ?? undefined,
      });
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.delete(
    "/keys/:id",
    {
      schema: {
        tags,
        summary: "Takes a key away",
        params: KeyParams,
        response: answers(ListedKey, "The key as it was, without its secret.", 403, 404),
      },
    },
    async (request, reply) => {
      const answer = await keys.remove(principalOf(request), Number(request.params.id));
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  addFileBodies(routes, (scope) => {
    scope.post(
      "/keys/import",
      {
        schema: {
          tags,
          summary: "Takes a CSV, .xls or .xlsx file of keys; the body is the file",
          querystring: ImportQuery,
          response: answers(ImportAnswer, "What was or would be taken, and each bad row.", 403),
        },
      },
      async (request, reply) => {
        const { name = "file", dryRun, take } = request.query;
        const bytes = fileBytesOf(request);
        if (bytes === undefined) return sendProblem(reply, 400, "the body must be the file");
        const answer = await keys.importFile(principalOf(request), { name, bytes }, { dryRun, take });
        return answer.ok ? importJson(answer.value) : sendServiceRefusal(reply, answer.refusal);
      },
    );
  });

  routes.get(
    "/keys/example",
    { schema: { tags, summary: "A file to begin with; its keys are invented", querystring: FormatQuery } },
    async (request, reply) => sendFile(reply, await keys.example(principalOf(request), request.query.format ?? "csv")),
  );
}
