/**
 * The same security on a wired bus: a meter may answer with an encrypted telegram, or with one behind an AFL, in the
 * frames of EN 13757-2. What comes out is in plain, in the form wireless telegrams are stored in.
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { securityOf } from "../application/security.js";
import type { WirelessAddress } from "./address.js";
import {
  authenticationControlInformation,
  authenticationLayerName,
  type MessageAuthentication,
  messageAuthentication,
  parseAuthentication,
} from "./authentication.js";
import { withoutFillers } from "./fillers.js";
import type { KeyLookup } from "./keys.js";
import { readWord } from "./little-endian.js";
import { storedTelegram } from "./stored-telegram.js";
import { parseTransport, transportLayerName } from "./transport.js";
import { transportKind } from "./transport-kinds.js";
import { openTransport } from "./transport-security.js";

/** True for application data of a wired frame that decodeApplication() cannot read before it is opened. */
export function isSecured(applicationData: Uint8Array): boolean {
  const controlInformation = applicationData[0] ?? -1;
  if (controlInformation === authenticationControlInformation) return true;
  const kind = transportKind(controlInformation);
  if (kind?.content !== "full" || kind.header === "none") return false;
  const wordOffset = kind.header === "long" ? 11 : 3;
  if (wordOffset + 2 > applicationData.length) return false;
  const security = securityOf(readWord(applicationData, wordOffset));
  return security !== "plain" && security !== "signature";
}

export interface OpenedTelegram {
  /** CI 72, long header, records in plain. */
  readonly applicationData: Uint8Array;
  /** CI fields as sent, in order. */
  readonly layers: readonly number[];
}

/**
 * Opens a secured telegram of a wired meter.
 * @param applicationData  from the CI field on
 * @param sender  the meter, where a short header leaves it open
 * @throws DecodeError as decodeWireless() does in these layers; `keyRequired` also where nobody says whose key
 */
export function openSecured(
  applicationData: Uint8Array,
  keyFor: KeyLookup,
  sender?: WirelessAddress | undefined,
): OpenedTelegram {
  let message: MessageAuthentication | undefined;
  let offset = 0;
  if (applicationData[0] === authenticationControlInformation) {
    const layer = parseAuthentication(applicationData, 0);
    if (layer.fragmentId !== 0) throw new DecodeError("truncated", 0, authenticationLayerName, "a fragment alone");
    message = messageAuthentication([layer]);
    offset = layer.end;
  }
  const transport = parseTransport(applicationData, offset, sender);
  const meter = transport.address ?? sender;
  if (meter === undefined) throw new DecodeError("keyRequired", offset, transportLayerName, "no address, so no key");
  if (transport.content !== "full") {
    throw new DecodeError("unknownControlInformation", offset, transportLayerName, "no records behind this header");
  }
  const { data } = openTransport(applicationData, transport, { sender: meter, fromMeter: true, message, keyFor });
  const layers = [...(message === undefined ? [] : [authenticationControlInformation]), transport.controlInformation];
  return { applicationData: storedTelegram(meter, transport, undefined, withoutFillers(data)), layers };
}
