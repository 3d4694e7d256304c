/**
 * Transport layer: CI, then no header, a short one (ACC ST CW2) or a long one (id4 M2 V T ACC ST CW2), then what the
 * security mode adds to the configuration word.
 *
 *   mode 7   CFE1, then counter (4, CW bit 13), then key version (1, CFE bit 6)
 *   mode 10  CFE2, then key version (1, CFE bit 6), then counter (4, CW bit 13)
 *
 * Of mode 7 with counter and key version both, no telegram is public; the order is that of another decoder (exmbus).
 * @see EN 13757-7, 7
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { controlInformation as fieldOf, refusalReason } from "../application/control-information.js";
import { headerAddress, type WirelessAddress } from "./address.js";
import { readWord } from "./little-endian.js";
import { isProprietary, proprietaryName } from "./proprietary.js";
import { type Content, type HeaderKind, transportKind } from "./transport-kinds.js";

export const transportLayerName = "transport";

export interface TransportLayer {
  readonly controlInformation: number;
  readonly header: HeaderKind;
  readonly content: Content;
  /** The meter's own, in a long header. */
  readonly address: WirelessAddress | undefined;
  readonly accessNumber: number | null;
  readonly status: number | null;
  readonly configurationWord: number | null;
  /** Bits 8-12 of the configuration word; 0 without one. */
  readonly securityMode: number;
  readonly keyId: number;
  readonly keyVersion: number;
  /** 0 persistent key, 1 key derivation function A, 2 and 3 reserved. */
  readonly keyDerivation: number;
  /** Bytes of the authentication tag at the end (mode 10). */
  readonly tagBytes: number;
  /** Message counter as sent, 4 bytes. */
  readonly counter: Uint8Array | undefined;
  /** Offset of the CI field; of the end of what a tag covers in plain; of the data. */
  readonly offset: number;
  readonly associatedEnd: number;
  readonly dataOffset: number;
}

const headerBytes: Readonly<Record<HeaderKind, number>> = { none: 0, short: 4, long: 12 };

/**
 * @param offset  of the CI field
 * @param sender  link address, for the name of proprietary telegrams
 * @throws DecodeError `truncated`, `unknownControlInformation` and `sentToMeter` (name what it is), `formatUnknown` (proprietary)
 */
export function parseTransport(bytes: Uint8Array, offset: number, sender: WirelessAddress | undefined): TransportLayer {
  if (offset >= bytes.length) throw new DecodeError("truncated", offset, transportLayerName, "no CI field");
  const controlInformation = bytes[offset] as number;
  const kind = transportKind(controlInformation);
  if (kind === undefined) return refuse(controlInformation, offset, sender);
  const { header, content } = kind;
  const headerEnd = offset + 1 + headerBytes[header];
  if (headerEnd > bytes.length) truncated(bytes);
  const isBare = header === "none";
  const configurationWord = isBare ? null : readWord(bytes, headerEnd - 2);
  const extension = parseExtension(bytes, headerEnd, configurationWord ?? 0);
  // One literal without spreads: this runs for every telegram heard.
  return {
    controlInformation,
    header,
    content,
    address: header === "long" ? headerAddress(bytes, offset + 1) : undefined,
    accessNumber: isBare ? null : (bytes[headerEnd - 4] as number),
    status: isBare ? null : (bytes[headerEnd - 3] as number),
    configurationWord,
    securityMode: securityModeOf(configurationWord ?? 0),
    keyId: extension.keyId,
    keyVersion: extension.keyVersion,
    keyDerivation: extension.keyDerivation,
    tagBytes: extension.tagBytes,
    counter: extension.counter,
    offset,
    associatedEnd: headerEnd + extension.associatedBytes,
    dataOffset: headerEnd + extension.bytes,
  };
}

function refuse(controlInformation: number, offset: number, sender: WirelessAddress | undefined): never {
  if (isProprietary(controlInformation)) {
    const name = proprietaryName(controlInformation, sender);
    throw new DecodeError("formatUnknown", offset, transportLayerName, `proprietary: ${name}`);
  }
  const code = controlInformation.toString(16).padStart(2, "0");
  const detail = `CI ${code}: ${fieldOf(controlInformation).name}`;
  throw new DecodeError(refusalReason(controlInformation), offset, transportLayerName, detail);
}

function truncated(bytes: Uint8Array): never {
  throw new DecodeError("truncated", bytes.length, transportLayerName, "header too short");
}

/** What modes 7 and 10 put between the configuration word and the data. */
interface Extension extends Pick<TransportLayer, "keyId" | "keyVersion" | "keyDerivation" | "tagBytes" | "counter"> {
  readonly bytes: number;
  /** How much of it the tag covers: the counter is in the nonce instead, as a real meter has it. */
  readonly associatedBytes: number;
}

const noExtension: Extension = {
  keyId: 0,
  keyVersion: 0,
  keyDerivation: 0,
  tagBytes: 0,
  counter: undefined,
  bytes: 0,
  associatedBytes: 0,
};
const counterBit = 0x2000;
const versionBit = 0x40;

function securityModeOf(configurationWord: number): number {
  return (configurationWord >> 8) & 0x1f;
}

function parseExtension(bytes: Uint8Array, start: number, configurationWord: number): Extension {
  const mode = securityModeOf(configurationWord);
  if (mode !== 7 && mode !== 10) return noExtension;
  const cfeBytes = mode === 7 ? 1 : 2;
  const cfe = bytes[start] ?? 0;
  const counterBytes = (configurationWord & counterBit) === 0 ? 0 : 4;
  const versionBytes = (cfe & versionBit) === 0 ? 0 : 1;
  const length = cfeBytes + counterBytes + versionBytes;
  if (start + length > bytes.length) truncated(bytes);
  const counterAt = start + cfeBytes + (mode === 7 ? 0 : versionBytes);
  const versionAt = start + cfeBytes + (mode === 7 ? counterBytes : 0);
  return {
    keyId: cfe & 0x0f,
    keyVersion: versionBytes === 0 ? 0 : (bytes[versionAt] as number),
    keyDerivation: (cfe >> 4) & 3,
    tagBytes: mode === 7 ? 0 : 4 + 4 * ((bytes[start + 1] as number) & 3),
    // Not slice(): that of a Buffer is a view.
    counter: counterBytes === 0 ? undefined : new Uint8Array(bytes.subarray(counterAt, counterAt + counterBytes)),
    bytes: length,
    associatedBytes: cfeBytes + versionBytes,
  };
}
