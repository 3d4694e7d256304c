/** Pass 3 with short names: READ of reply_to_HLS_authentication of the current association (FA00 + 58). */
import { decodeReadRequest, encodeReadResponse, type ReadResponseItem } from "../apdu/read.js";
import { dataAccessResult } from "../apdu/results.js";
import { apduTag } from "../apdu/tags.js";
import { isSnContext } from "./aare-answers.js";
import type { AssociationPolicy } from "./association-policy.js";
import { type HlsReply, readHlsReply } from "./server-hls.js";

/** Base name of the current association, and its method 8 (IEC 62056-6-2, class 12). */
const replyToHlsAuthentication = 0xfa58;

/** Pass 3 where this APDU is one, in the referencing of the association. @throws DecodeError */
export function readPassThree(
  apdu: Uint8Array,
  { applicationContext: context }: Pick<AssociationPolicy, "applicationContext">,
): HlsReply | undefined {
  return isSnContext(context) ? readShortNameHlsReply(apdu) : readHlsReply(apdu);
}

/** @returns undefined for every other APDU @throws DecodeError for a broken READ */
function readShortNameHlsReply(apdu: Uint8Array): HlsReply | undefined {
  if (apdu[0] !== apduTag.readRequest) return undefined;
  const { variables } = decodeReadRequest(apdu);
  const [access] = variables;
  if (variables.length !== 1 || access?.kind !== "variable") return undefined;
  const { variableName, parameterizedAccess } = access.variable;
  const parameters = parameterizedAccess?.parameters;
  if (variableName !== replyToHlsAuthentication || parameters?.type !== "octet-string") return undefined;
  return { value: parameters.value, answer };
}

function answer(value: Uint8Array | undefined): Uint8Array {
  const item: ReadResponseItem =
    value === undefined
      ? { kind: "error", error: dataAccessResult.readWriteDenied }
      : { kind: "data", data: { type: "octet-string", value } };
  return encodeReadResponse({ items: [item] });
}
