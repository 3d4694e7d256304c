import { toHex } from "../../../../cosem/index.js";
import type { ShownTelegram as Telegram } from "../../../services/meters/contract.js";
import { DeviceParams, NewestTelegrams, NoQuery, type ShownTelegram, type TelegramField } from "../contract.js";
import { sendProblem } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf, noSuchMeter } from "./responses.js";

type Explanation = Telegram["explanation"];

/** GET /meters/{device}/telegram: the newest telegrams as they came, each byte explained. */
export function addTelegramRoute(routes: RestRoutes, context: RouteContext): void {
  routes.get(
    "/meters/:device/telegram",
    {
      schema: {
        tags: ["meters"],
        summary: "The newest telegrams of a meter, raw and explained byte by byte",
        params: DeviceParams,
        querystring: NoQuery,
        response: answers(NewestTelegrams, "The newest telegrams.", 404),
      },
    },
    async (request, reply) => {
      const { device } = request.params;
      const { principal } = callerOf(context, request);
      if (context.meters.get(principal, device) === undefined) return sendProblem(reply, 404, noSuchMeter(device));
      const newest = context.meters.telegrams(principal, device);
      if (newest === undefined) return sendProblem(reply, 404, `${device} was not heard yet`);
      const { reading, notKept } = newest;
      return {
        readingNumber: reading?.number ?? null,
        readAt: reading === undefined ? null : context.times.fromMs(reading.readAtMs),
        telegrams: (reading?.telegrams ?? []).map(shownOf),
        notKept:
          notKept === undefined
            ? null
            : {
                receivedAt: context.times.fromMs(notKept.atMs),
                message: notKept.message,
                telegrams: notKept.telegrams.map(shownOf),
              },
      } satisfies NewestTelegrams;
    },
  );
}

function shownOf({ source, explanation, opened }: Telegram): ShownTelegram {
  const steps = [...innersOf(explanation.fields), ...(opened === undefined ? [] : [opened])];
  return { source, ...partOf(explanation), opened: steps.map(partOf) };
}

function partOf({ title, bytes, fields }: Explanation): { title: string; hex: string; fields: TelegramField[] } {
  return { title, hex: toHex(bytes), fields: [...fieldsOf(fields, bytes, 0)] };
}

/** Explanations within fields, the outermost first. */
function* innersOf(fields: Explanation["fields"]): Iterable<Explanation> {
  for (const { inner, children } of fields) {
    if (inner !== undefined) {
      yield inner;
      yield* innersOf(inner.fields);
    }
    yield* innersOf(children);
  }
}

/** Flat, the parts of a field behind it and one deeper. */
export function* fieldsOf(fields: Explanation["fields"], bytes: Uint8Array, depth: number): Iterable<TelegramField> {
  for (const { offset, length, name, meaning, value, children } of fields) {
    const hex = toHex(bytes.subarray(offset, offset + length));
    yield { depth, offset, length, hex, name, meaning, value: value ?? null };
    yield* fieldsOf(children, bytes, depth + 1);
  }
}
