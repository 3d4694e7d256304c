/**
 * The same layers on a wired bus: a meter may answer with an encrypted telegram, one behind an AFL, a compact frame or
 * the format of such, in the frames of EN 13757-2. Wired 73 and 77 are the fixed data structure, never a compact frame.
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
import type { RememberedFormats } from "./formats.js";
import type { KeyLookup } from "./keys.js";
import { readWord } from "./little-endian.js";
import { storedTelegram } from "./stored-telegram.js";
import { parseTransport, type TransportLayer, transportLayerName } from "./transport.js";
import { recordsOf } from "./transport-content.js";
import { type TransportKind, transportKind } from "./transport-kinds.js";
import { openTransport } from "./transport-security.js";

const fixedDataStructure = 0x73;

function wiredKind(applicationData: Uint8Array): TransportKind | undefined {
  const controlInformation = applicationData[0] ?? -1;
  return controlInformation === fixedDataStructure ? undefined : transportKind(controlInformation);
}

/** True for application data of a wired frame that is encrypted or authenticated. */
export function isSecured(applicationData: Uint8Array): boolean {
  if (applicationData[0] === authenticationControlInformation) return true;
  const kind = wiredKind(applicationData);
  if (kind === undefined || kind.header === "none" || kind.content === "nothing") return false;
  const wordOffset = kind.header === "long" ? 11 : 3;
  if (wordOffset + 2 > applicationData.length) return false;
  const security = securityOf(readWord(applicationData, wordOffset));
  return security !== "plain" && security !== "signature";
}

/** Of a format frame nothing is left to read: its record headers are remembered. */
export type OpenedTelegram = {
  /** CI fields as sent, in order. */
  readonly layers: readonly number[];
} & (
  | {
      readonly kind: "telegram";
      /** For decodeApplication(): as sent, or what was encrypted or compact in full and in plain. */
      readonly applicationData: Uint8Array;
    }
  | { readonly kind: "format" }
);

export interface WiredOpening {
  readonly keyFor: KeyLookup;
  /** The meter, where a short header leaves it open. */
  readonly sender?: WirelessAddress | undefined;
  /** Serves compact frames and learns from format frames; what full frames teach is for learnFrom(). */
  readonly formats?: RememberedFormats | undefined;
}

/**
 * Opens what decodeApplication() cannot read as it was sent.
 * @param applicationData  from the CI field on; handed out again where it is full and in plain
 * @throws DecodeError as decodeWireless() does in these layers; `keyRequired` also where nobody says whose key;
 *   MeterApplicationError of an encrypted error or alarm
 */
export function openWired(applicationData: Uint8Array, options: WiredOpening): OpenedTelegram {
  if (isSecured(applicationData)) return openSecured(applicationData, options);
  const content = wiredKind(applicationData)?.content;
  if (content !== "compact" && content !== "format") {
    return { kind: "telegram", applicationData, layers: [applicationData[0] ?? 0] };
  }
  const transport = parseTransport(applicationData, 0, options.sender);
  const meter = transport.address ?? options.sender;
  // With the meter's address, full and compact readouts share a layout.
  return opened(transport, applicationData.subarray(transport.dataOffset), options, (records) =>
    meter === undefined
      ? asFullFrame(applicationData, transport, records)
      : storedTelegram(meter, transport, undefined, records),
  );
}

function openSecured(applicationData: Uint8Array, options: WiredOpening): OpenedTelegram {
  const { keyFor, sender } = options;
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
  if (transport.content === "nothing") {
    throw new DecodeError("unknownControlInformation", offset, transportLayerName, "no records behind this header");
  }
  const { data } = openTransport(applicationData, transport, { sender: meter, fromMeter: true, message, keyFor });
  const telegram = opened(transport, data, options, (records) =>
    storedTelegram(meter, transport, undefined, withoutFillers(records)),
  );
  return message === undefined
    ? telegram
    : { ...telegram, layers: [authenticationControlInformation, ...telegram.layers] };
}

function opened(
  transport: TransportLayer,
  data: Uint8Array,
  { formats }: WiredOpening,
  withHeader: (records: Uint8Array) => Uint8Array,
): OpenedTelegram {
  const layers = [transport.controlInformation];
  if (transport.content === "format") {
    formats?.learnFormatFrame(withoutFillers(data));
    return { kind: "format", layers };
  }
  return { kind: "telegram", applicationData: withHeader(recordsOf(transport, data, formats)), layers };
}

const fullFrames = { none: 0x78, short: 0x7a, long: 0x72 } as const;

/** The header as it was sent, in front of all records. */
function asFullFrame(sent: Uint8Array, { header, dataOffset }: TransportLayer, records: Uint8Array): Uint8Array {
  return Uint8Array.of(fullFrames[header], ...sent.subarray(1, dataOffset), ...records);
}
