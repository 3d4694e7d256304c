/** High level authentication at the server: what stands between the AARE and pass 4 (IEC 62056-5-3, clause 5). */
import {
  type ActionRequest,
  type ActionResponseData,
  decodeActionRequest,
  encodeActionResponse,
} from "../apdu/action.js";
import { actionResult } from "../apdu/results.js";
import { apduTag, serviceClassConfirmed } from "../apdu/tags.js";
import { logicalName } from "../model/logical-name.js";
import { answerChallenge, checkAnswer, type HlsExchange } from "../security/hls.js";

/** Octets of the challenges made here; 8 to 64 are permitted. */
export const ownChallengeLength = 16;

const currentAssociation = logicalName("0-0:40.0.0*255");
const associationLnClassId = 15;
const replyToHlsAuthentication = 1;

/** Pass 3: a call of the current association's reply_to_HLS_authentication. */
export interface HlsReply {
  /** f(challenge of the server). */
  readonly value: Uint8Array;
  /** Pass 4. @param value  undefined: refused. @returns undefined where the client wants no answer */
  answer(value: Uint8Array | undefined): Uint8Array | undefined;
}

/** Pass 3 as an ACTION. @returns undefined for every other APDU @throws DecodeError for a broken ACTION */
export function readHlsReply(apdu: Uint8Array): HlsReply | undefined {
  if (apdu[0] !== apduTag.actionRequest) return undefined;
  const request: ActionRequest = decodeActionRequest(apdu);
  if (request.kind !== "normal") return undefined;
  const { method, parameters, invokeIdAndPriority } = request;
  const isReply =
    method.classId === associationLnClassId &&
    method.logicalName === currentAssociation &&
    method.methodIndex === replyToHlsAuthentication;
  if (!isReply || parameters?.type !== "octet-string") return undefined;
  return { value: parameters.value, answer: (value) => encodeHlsAnswer(invokeIdAndPriority, value) };
}

/** @returns f(challenge of the client) for pass 4, or undefined where the client is not who it says */
export function passFour(exchange: HlsExchange, value: Uint8Array): Uint8Array | undefined {
  if (!checkAnswer(exchange, value).ok) return undefined;
  const answer = answerChallenge(exchange);
  return answer.ok ? answer.value : undefined;
}

function encodeHlsAnswer(invokeIdAndPriority: number, value: Uint8Array | undefined): Uint8Array | undefined {
  if ((invokeIdAndPriority & serviceClassConfirmed) === 0) return undefined;
  const response: ActionResponseData =
    value === undefined
      ? { result: actionResult.readWriteDenied, returned: undefined }
      : { result: actionResult.success, returned: { kind: "data", data: { type: "octet-string", value } } };
  return encodeActionResponse({ kind: "normal", invokeIdAndPriority, response });
}
