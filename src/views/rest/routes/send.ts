import { toHex } from "../../../../cosem/index.js";
import type {
  ReadoutService,
  SendAnswer,
  SendCommand,
  SendTarget,
  SentTelegram,
} from "../../../services/readouts/contract.js";
import { SendBody, SentAnswer } from "../contract/readouts.js";
import { sendProblem } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { sent } from "./readouts.js";
import { answers, principalOf } from "./responses.js";
import { fieldsOf } from "./telegram.js";

/** POST /send: one command to one meter, ahead of all that waits for the bus (PRODUCT.md, row 77). */
export function addSendRoute(routes: RestRoutes, context: RouteContext, readouts: ReadoutService): void {
  routes.post(
    "/send",
    {
      schema: {
        tags: ["readouts"],
        summary: "Sends a command to a meter: SND_NKE, REQ_UD1/2, SND_UD, set address, baud rate, clock, reset",
        body: SendBody,
        response: answers(SentAnswer, "What came of it, also where the meter did not answer.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const target = targetOf(request.body);
      if (typeof target === "string") return sendProblem(reply, 400, target);
      const command = commandOf(request.body);
      if (typeof command === "string") return sendProblem(reply, 400, command);
      const answer = await readouts.send(principalOf(context, request), target, command);
      return sent(reply, answer, sentJson);
    },
  );
}

function sentJson({ telegrams, reason, ...rest }: SendAnswer): SentAnswer {
  return {
    ...rest,
    reason: reason ?? null,
    telegrams: telegrams.map(({ opened, ...sent }) => ({
      ...telegramJson(sent),
      opened: opened === undefined ? null : telegramJson(opened),
    })),
  };
}

function telegramJson({ bytes, explanation }: Omit<SentTelegram, "opened">) {
  return { hex: toHex(bytes), fields: [...fieldsOf(explanation.fields, bytes, 0)] };
}

/** A string says what is wrong. */
function targetOf({ device, interfaceName, primaryAddress, secondaryAddress }: SendBody): SendTarget | string {
  if (device !== undefined) return { device };
  if (interfaceName !== undefined && primaryAddress !== undefined) return { interfaceName, primaryAddress };
  if (interfaceName !== undefined && secondaryAddress !== undefined) return { interfaceName, secondaryAddress };
  return "wants `device`, or `interfaceName` with `primaryAddress` or `secondaryAddress`";
}

function commandOf(body: SendBody): SendCommand | string {
  const { command, hex, thenRequest, address, baudRate, at, subcode } = body;
  switch (command) {
    case "sendUserData":
      if (hex === undefined) return "sendUserData wants `hex`, the bytes from the CI field on";
      return { kind: command, hex, ...(thenRequest === undefined ? {} : { thenRequest }) };
    case "setPrimaryAddress":
      return address === undefined ? "setPrimaryAddress wants `address`, 0 to 250" : { kind: command, address };
    case "setBaudRate":
      return baudRate === undefined ? "setBaudRate wants `baudRate`" : { kind: command, baudRate };
    case "setClock": {
      const atMs = at === undefined ? undefined : Date.parse(at);
      if (atMs === undefined) return { kind: command };
      return Number.isNaN(atMs) || !/(?:Z|[+-]\d\d:\d\d)$/.test(at ?? "")
        ? "`at` wants a moment in ISO 8601 with zone"
        : { kind: command, atMs };
    }
    case "applicationReset":
      return { kind: command, ...(subcode === undefined ? {} : { subcode }) };
    default:
      return { kind: command };
  }
}
