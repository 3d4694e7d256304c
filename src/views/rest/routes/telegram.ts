import { toHex } from "../../../../cosem/index.js";
import type { StoredTelegram } from "../../../services/meters/contract.js";
import { DeviceParams, NewestTelegrams, NoQuery, type TelegramField } from "../contract.js";
import { sendProblem } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf, noSuchMeter } from "./responses.js";

type Explanation = StoredTelegram["explanation"];

/** GET /meters/{device}/telegram: the newest reading as it came, each byte explained. */
export function addTelegramRoute(routes: RestRoutes, context: RouteContext): void {
  routes.get(
    "/meters/:device/telegram",
    {
      schema: {
        tags: ["meters"],
        summary: "The newest telegrams of a meter, raw and explained byte by byte",
        params: DeviceParams,
        querystring: NoQuery,
        response: answers(NewestTelegrams, "The telegrams of the newest reading.", 404),
      },
    },
    async (request, reply) => {
      const { device } = request.params;
      const { principal } = callerOf(context, request);
      if (context.meters.get(principal, device) === undefined) return sendProblem(reply, 404, noSuchMeter(device));
      const newest = context.meters.telegrams(principal, device);
      if (newest === undefined) return sendProblem(reply, 404, `${device} has no reading yet`);
      return {
        readingNumber: newest.readingNumber,
        readAt: context.times.fromMs(newest.readAtMs),
        telegrams: newest.telegrams.map(({ bytes, explanation }) => ({
          hex: toHex(bytes),
          fields: [...fieldsOf(explanation.fields, explanation.bytes, 0)],
        })),
      } satisfies NewestTelegrams;
    },
  );
}

function* fieldsOf(fields: Explanation["fields"], bytes: Uint8Array, depth: number): Iterable<TelegramField> {
  for (const { offset, length, name, meaning, value, children } of fields) {
    const hex = toHex(bytes.subarray(offset, offset + length));
    yield { depth, offset, length, hex, name, meaning, value: value ?? null };
    yield* fieldsOf(children, bytes, depth + 1);
  }
}
