import type { FastifyReply, FastifyRequest } from "fastify";
import { parseAddress } from "../../../../cosem/index.js";
import { AttributeParams, CosemObjectDetail, NoQuery, ObjectParams } from "../contract.js";
import { sendProblem } from "../errors.js";
import { findVisible } from "../meter-json.js";
import { objectDetail } from "../object-detail.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, callerOf, noSuchMeter } from "./responses.js";

/** GET /objects/{device}/{OBIS} and /objects/{device}/{OBIS}/{attribute}: the one address notation as a path. */
export function addObjectRoutes(routes: RestRoutes, context: RouteContext): void {
  const tags = ["objects"];
  const response = answers(CosemObjectDetail, "The object; attributes in the JSON form of their types.", 403, 404);
  routes.get(
    "/objects/:device/:object",
    {
      schema: {
        tags,
        summary: "One COSEM object by its address",
        params: ObjectParams,
        querystring: NoQuery,
        response,
      },
    },
    async (request, reply) => {
      const { device, object } = request.params;
      return answer(context, request, reply, `${device}/${object}`);
    },
  );
  routes.get(
    "/objects/:device/:object/:attribute",
    {
      schema: {
        tags,
        summary: "One attribute by its address",
        params: AttributeParams,
        querystring: NoQuery,
        response,
      },
    },
    async (request, reply) => {
      const { device, object, attribute } = request.params;
      return answer(context, request, reply, `${device}/${object}/${attribute}`);
    },
  );
  // An address that was encoded as one path segment, slashes and all.
  routes.get<{ Params: { address: string } }>(
    "/objects/:address",
    { schema: { hide: true, querystring: NoQuery } },
    async (request, reply) => answer(context, request, reply, request.params.address),
  );
}

async function answer(context: RouteContext, request: object, reply: object, text: string) {
  const sending = reply as FastifyReply;
  const address = parseAddress(text);
  if (address === undefined) {
    const shape = "write <device>/<OBIS>[/<attribute>], e.g. gateway/0-0:1.0.0*255/2";
    return sendProblem(sending, 400, `"${text.slice(0, 120)}" is not an address; ${shape}`);
  }
  const device = context.registry.device(address.device);
  if (device === undefined) return sendProblem(sending, 404, noSuchMeter(address.device));
  const caller = callerOf(context, request as FastifyRequest);
  const object = findVisible(caller, device, address.logicalName, address.classId);
  if (object === undefined) {
    const list = `GET /api/v1/meters/${device.name}/objects lists what there is`;
    return sendProblem(sending, 404, `${device.name} has no object ${address.logicalName} for this role; ${list}`);
  }
  const { attributeIndex } = address;
  if (attributeIndex !== undefined && object.interfaceClass.attributeAt[attributeIndex] === undefined) {
    const { name, attributeAt } = object.interfaceClass;
    return sendProblem(
      sending,
      404,
      `${name} has no attribute ${attributeIndex}; it has 1 to ${attributeAt.length - 1}`,
    );
  }
  const detail = await objectDetail(caller, device, object, attributeIndex);
  const [only] = detail.attributes;
  if (attributeIndex !== undefined && only?.access === "none") {
    return sendProblem(sending, 403, `${text}: ${only.error}`);
  }
  return detail;
}
