/**
 * Wireless telegrams: from the bytes of a receiver to records. Layers are taken off one after the other: link
 * (CRCs), extended link (AES-CTR), AFL (fragments, MAC), transport (header, security), application (full, compact and
 * format frames). Nothing is given out that failed a check.
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { decodeApplication } from "../application/decode.js";
import type { DecodedTelegram } from "../record.js";
import type { WirelessAddress } from "./address.js";
import { isSameAddress } from "./address.js";
import {
  type AuthenticationLayer,
  authenticationControlInformation,
  authenticationLayerName,
  counterValue,
  type MessageAuthentication,
  messageAuthentication,
  parseAuthentication,
} from "./authentication.js";
import {
  type ExtendedLink,
  encryptionOf,
  hopBit,
  isExtendedLink,
  openExtendedLink,
  parseExtendedLink,
} from "./extended-link.js";
import { withoutFillers } from "./fillers.js";
import type { RememberedFormats } from "./formats.js";
import { decodeWirelessFrame, type FrameFormat, firstLayerOffset, isFromMeter, type WirelessFrame } from "./frame.js";
import type { KeyLookup } from "./keys.js";
import { isProprietary, proprietaryName } from "./proprietary.js";
import type { FragmentReassembler } from "./reassembly.js";
import type { WirelessFormat, WirelessFragment, WirelessLink, WirelessResult, WirelessTelegram } from "./result.js";
import { storedTelegram } from "./stored-telegram.js";
import { parseTransport, type TransportLayer } from "./transport.js";
import { recordsOf } from "./transport-content.js";
import { type OpenedTransport, openTransport } from "./transport-security.js";

export interface WirelessOptions {
  readonly keyFor: KeyLookup;
  /** Learns from full and format frames, serves compact ones; without it compact frames are refused. */
  readonly formats?: RememberedFormats | undefined;
  /** Joins fragments; without it they are refused. */
  readonly fragments?: FragmentReassembler | undefined;
  /** When the frame came, for the timeout of fragments. */
  readonly nowMs?: number | undefined;
  /** Where the receiver says how the frame comes; otherwise it is found out. */
  readonly frameFormat?: FrameFormat | undefined;
}

/** What has been taken off so far. */
interface Opened {
  readonly link: WirelessLink;
  readonly layers: number[];
  readonly extendedLink: ExtendedLink | undefined;
  readonly message: MessageAuthentication | undefined;
  /** Holds the transport layer from `offset` to the end. */
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/**
 * Decodes one frame.
 * @param bytes  from the L field on, with or without CRCs; not changed
 * @throws DecodeError with the layer that refused and an offset into its frame without CRCs:
 *   `truncated`, `lengthMismatch`, `badLength`, `badChecksum`, `unknownControlInformation`, `formatUnknown`
 *   (proprietary telegrams, unknown compact frames), `keyRequired`, `wrongKey`, `badMac`, `unsupportedSecurityMode`,
 *   `badValue`, `lengthOverLimit`, and those of decodeApplication(); MeterApplicationError for errors and alarms
 */
export function decodeWireless(bytes: Uint8Array, options: WirelessOptions): WirelessResult {
  const frame = decodeWirelessFrame(bytes, options.frameFormat);
  const opened = openLowerLayers(frame, options);
  if ("kind" in opened) return opened;
  const transport = parseTransport(opened.bytes, opened.offset, opened.link.address);
  opened.layers.push(transport.controlInformation);
  const plain = openTransport(opened.bytes, transport, {
    sender: opened.link.address,
    fromMeter: isFromMeter(opened.link.control),
    message: opened.message,
    keyFor: options.keyFor,
  });
  return resultOf(opened, transport, plain, options);
}

function openLowerLayers(frame: WirelessFrame, options: WirelessOptions): Opened | WirelessFragment {
  const { bytes, format, control, address } = frame;
  const link: WirelessLink = { format, control, address };
  const layers: number[] = [];
  let extendedLink: ExtendedLink | undefined;
  let offset = firstLayerOffset;
  if (isExtendedLink(bytes[offset] ?? -1)) {
    extendedLink = parseExtendedLink(bytes, offset);
    layers.push(extendedLink.controlInformation);
    offset = openExtendedLink(bytes, extendedLink, address, options.keyFor);
  }
  if (bytes[offset] !== authenticationControlInformation) {
    return { link, layers, extendedLink, message: undefined, bytes, offset };
  }
  layers.push(authenticationControlInformation);
  const layer = parseAuthentication(bytes, offset);
  if (layer.fragmentId === 0) {
    return { link, layers, extendedLink, message: messageAuthentication([layer]), bytes, offset: layer.end };
  }
  const joined = join(layer, link, bytes.subarray(layer.end), options);
  if (joined === undefined) {
    return { kind: "fragment", link, layers, isRepeated: hasHop(extendedLink), fragmentId: layer.fragmentId };
  }
  const message = messageAuthentication(joined.fragments);
  return { link, layers, extendedLink, message, bytes: joined.bytes, offset: 0 };
}

function join(layer: AuthenticationLayer, link: WirelessLink, part: Uint8Array, options: WirelessOptions) {
  const { fragments } = options;
  if (fragments !== undefined) return fragments.push(link.address.octets, layer, part, options.nowMs ?? 0);
  const detail = `fragment ${layer.fragmentId} of a longer message`;
  throw new DecodeError("truncated", layer.end, authenticationLayerName, detail);
}

function hasHop(extendedLink: ExtendedLink | undefined): boolean {
  return extendedLink !== undefined && (extendedLink.communicationControl & hopBit) !== 0;
}

function resultOf(
  opened: Opened,
  transport: TransportLayer,
  plain: OpenedTransport,
  options: WirelessOptions,
): WirelessTelegram | WirelessFormat {
  const { link, layers, extendedLink } = opened;
  const meter = transport.address ?? link.address;
  const isRepeated = hasHop(extendedLink) || hasHopInWord(transport);
  if (transport.content === "format") {
    options.formats?.learnFormatFrame(withoutFillers(plain.data));
    return { kind: "format", link, layers, isRepeated, meter };
  }
  const records = recordsOf(transport, plain.data, options.formats);
  const applicationData = storedTelegram(meter, transport, extendedLink, withoutFillers(records));
  const telegram = asSent(decodeApplication(applicationData), transport);
  if (transport.content === "full") options.formats?.learnFrom(telegram);
  return {
    kind: "telegram",
    link,
    layers,
    isRepeated,
    meter,
    isForeign: transport.address !== undefined && !isSameAddress(transport.address, link.address),
    security: securityOf(opened, transport, plain),
    counters: countersOf(opened, transport),
    telegram,
    applicationData,
  };
}

/** Bit 0 of the configuration word where the mode leaves it its meaning. */
function hasHopInWord({ configurationWord, securityMode }: TransportLayer): boolean {
  return configurationWord !== null && (securityMode === 0 || securityMode === 5) && (configurationWord & 1) !== 0;
}

function asSent(decoded: DecodedTelegram, transport: TransportLayer): DecodedTelegram {
  const { accessNumber, status, controlInformation, configurationWord } = transport;
  return { ...decoded, meter: { ...decoded.meter, accessNumber, status }, controlInformation, configurationWord };
}

function securityOf({ extendedLink }: Opened, transport: TransportLayer, plain: OpenedTransport) {
  const isLinkEncrypted = extendedLink !== undefined && encryptionOf(extendedLink) !== 0;
  return {
    isEncrypted: isLinkEncrypted || plain.isEncrypted,
    isLinkEncrypted,
    mode: transport.securityMode,
    isAuthenticated: plain.isAuthenticated,
    hasPayloadCrc: extendedLink?.sessionNumber !== undefined,
    keyId: transport.keyId,
    keyVersion: transport.keyVersion,
  };
}

function countersOf({ extendedLink, message }: Opened, transport: TransportLayer) {
  const counter = transport.counter ?? message?.messageCounter;
  const session = extendedLink?.sessionNumber;
  return {
    message: counter === undefined ? undefined : counterValue(counter),
    session: session === undefined ? undefined : session & 0x1fffffff,
    accessNumber: transport.accessNumber ?? extendedLink?.accessNumber,
  };
}

/** What a frame says of itself to anyone, without keys: for the list of what is heard, and for refusals. */
export interface HeardTelegram {
  readonly link: WirelessLink;
  /** CI fields in order, as far as they are not encrypted. */
  readonly layers: readonly number[];
  /** The long header's address, otherwise the link's. */
  readonly meter: WirelessAddress;
  readonly accessNumber: number | null;
  readonly status: number | null;
  readonly isEncrypted: boolean;
  readonly isRepeated: boolean;
  /** Of a telegram in its maker's own form: whose and which, for people. */
  readonly proprietary?: string;
}

/**
 * Looks at the layers that can be read without a key.
 * @throws DecodeError of the link layer alone: what an upper layer refuses just ends the look
 */
export function inspectWireless(bytes: Uint8Array, format?: FrameFormat): HeardTelegram {
  const frame = decodeWirelessFrame(bytes, format);
  const link: WirelessLink = { format: frame.format, control: frame.control, address: frame.address };
  const layers: number[] = [];
  const heard = { link, layers, meter: frame.address, accessNumber: null, status: null, isEncrypted: false };
  let extendedLink: ExtendedLink | undefined;
  try {
    let offset = firstLayerOffset;
    const ci = (): number => frame.bytes[offset] ?? -1;
    if (ci() >= 0) layers.push(ci());
    if (isExtendedLink(ci())) {
      extendedLink = parseExtendedLink(frame.bytes, offset);
      if (encryptionOf(extendedLink) !== 0) return { ...heard, isEncrypted: true, isRepeated: hasHop(extendedLink) };
      offset = extendedLink.payloadOffset + (extendedLink.sessionNumber === undefined ? 0 : 2);
      if (ci() >= 0) layers.push(ci());
    }
    if (ci() === authenticationControlInformation) {
      const { end, fragmentId } = parseAuthentication(frame.bytes, offset);
      if (fragmentId > 1) return { ...heard, isRepeated: hasHop(extendedLink) };
      offset = end;
      if (ci() >= 0) layers.push(ci());
    }
    if (isProprietary(ci())) {
      return { ...heard, isRepeated: hasHop(extendedLink), proprietary: proprietaryName(ci(), frame.address) };
    }
    const transport = parseTransport(frame.bytes, offset, frame.address);
    return {
      ...heard,
      meter: transport.address ?? frame.address,
      accessNumber: transport.accessNumber,
      status: transport.status,
      isEncrypted: transport.securityMode !== 0,
      isRepeated: hasHop(extendedLink) || hasHopInWord(transport),
    };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { ...heard, isRepeated: hasHop(extendedLink) };
  }
}
