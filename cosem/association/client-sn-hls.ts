/** Passes 3 and 4 of a client with short names: READ of reply_to_HLS_authentication of the current association. */
import { decodeReadResponse, encodeReadRequest } from "../apdu/read.js";
import { variableNamed } from "../apdu/variable-access.js";

/** Base name of the current association, and its method 8 (IEC 62056-6-2, class 12). */
const replyToHlsAuthentication = 0xfa58;

export function encodeShortNamePassThree(value: Uint8Array): Uint8Array {
  const parameters = { type: "octet-string", value } as const;
  return encodeReadRequest({ variables: [variableNamed(replyToHlsAuthentication, { selector: 0, parameters })] });
}

/** @returns f(CtoS), or undefined where the server refuses us @throws DecodeError */
export function decodeShortNamePassFour(apdu: Uint8Array): Uint8Array | undefined {
  const [item] = decodeReadResponse(apdu).items;
  return item?.kind === "data" && item.data.type === "octet-string" ? item.data.value : undefined;
}
