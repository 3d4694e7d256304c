/**
 * Opens what the transport layer carries: AES-CBC with 2F 2F in front (modes 5 and 7), AES-CCM (mode 10), and the MAC
 * of the AFL over it all. Says which check failed, and gives out nothing that failed one.
 *
 * MAC wrong and 2F 2F there: the message was changed (`badMac`). Both wrong, or a tag: the key (`wrongKey`).
 * @see EN 13757-7, 9
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { WirelessAddress } from "./address.js";
import { type AesKey, blockBytes, cmac, decryptCbc, derivation, deriveKey } from "./aes.js";
import { authenticatedBytes, type MessageAuthentication } from "./authentication.js";
import type { KeyLookup } from "./keys.js";
import { type TransportLayer, transportLayerName } from "./transport.js";

/** Names of the security modes, EN 13757-7, table 19. */
const modeNames: readonly string[] = [
  "none",
  "manufacturer's",
  "DES, IV zero",
  "DES with IV",
  "specific usage (old AES-CBC, IV zero)",
  "AES-CBC with IV",
  "reserved",
  "AES-CBC, IV zero, derived key",
  "AES-CTR with CMAC",
  "AES-GCM",
  "AES-CCM",
  "reserved",
  "reserved",
  "TLS",
  "reserved",
  "specific usage",
];

export interface OpenedTransport {
  /** What stood behind the header, in plain, without tag, from the 2F 2F on. */
  readonly data: Uint8Array;
  readonly isEncrypted: boolean;
  /** AFL MAC or CCM tag over the whole message was right. */
  readonly isAuthenticated: boolean;
}

export interface TransportContext {
  /** Link address: the meter's where the header has none. */
  readonly sender: WirelessAddress;
  readonly fromMeter: boolean;
  readonly message: MessageAuthentication | undefined;
  readonly keyFor: KeyLookup;
}

/**
 * @param bytes  transport layer and what it carries, to its end
 * @throws DecodeError `keyRequired`, `wrongKey`, `badMac`, `unsupportedSecurityMode`, `truncated`, `badValue` (no
 *   counter for a derived key)
 */
export function openTransport(bytes: Uint8Array, layer: TransportLayer, context: TransportContext): OpenedTransport {
  const mac = context.message?.mac;
  const length = encryptedLength(bytes, layer);
  if (length === 0 && mac === undefined) return plainData(bytes, layer, false);
  const key = context.keyFor(layer.address ?? context.sender, keyUseOf(layer, context.message));
  if (length > 0 && key === undefined) fail("keyRequired", layer, modeText(layer.securityMode));
  if (key === undefined) return plainData(bytes, layer, false);
  const isAuthentic = mac === undefined ? undefined : hasMac(bytes, layer, context, key, mac);
  if (length === 0) {
    if (isAuthentic === false) fail("badMac", layer, "AFL MAC");
    return plainData(bytes, layer, true);
  }
  if (layer.securityMode === 10) {
    if (isAuthentic === false) fail("badMac", layer, "AFL MAC");
    return openCcm(bytes, layer, context, key);
  }
  const data = openCbc(bytes, layer, context, key, length);
  const isKeyRight = data[0] === 0x2f && data[1] === 0x2f;
  if (isAuthentic === false) fail(isKeyRight ? "badMac" : "wrongKey", layer, "AFL MAC");
  if (!isKeyRight) fail("wrongKey", layer, "no 2F 2F after decryption");
  return { data, isEncrypted: true, isAuthenticated: isAuthentic === true };
}

function plainData(bytes: Uint8Array, layer: TransportLayer, isAuthenticated: boolean): OpenedTransport {
  return { data: bytes.subarray(layer.dataOffset), isEncrypted: false, isAuthenticated };
}

function fail(
  reason: "keyRequired" | "wrongKey" | "badMac" | "unsupportedSecurityMode" | "truncated" | "badValue",
  layer: TransportLayer,
  detail: string,
): never {
  throw new DecodeError(reason, layer.dataOffset, transportLayerName, detail);
}

function modeText(mode: number): string {
  return `security mode ${mode}: ${modeNames[mode] ?? "reserved"}`;
}

/** Encrypted bytes in front of the data; 0 when all is plain. */
function encryptedLength(bytes: Uint8Array, layer: TransportLayer): number {
  const available = bytes.length - layer.dataOffset;
  const word = layer.configurationWord ?? 0;
  switch (layer.securityMode) {
    case 0:
      return 0;
    case 5:
    case 7: {
      const blocks = (word >> 4) & 0x0f;
      // 15: all there is, in messages of more than 15 blocks too.
      const length = blocks === 15 ? available - (available % blockBytes) : blocks * blockBytes;
      if (length > available || (blocks === 15 && length === 0)) {
        fail("truncated", layer, `${blocks} encrypted blocks announced`);
      }
      return length;
    }
    case 10: {
      if (available < layer.tagBytes) fail("truncated", layer, "no room for the tag");
      // Which bytes the tag covers when only a part is encrypted is not public.
      if ((word & 0xff) !== 0xff) fail("unsupportedSecurityMode", layer, "mode 10 with partial encryption");
      return available;
    }
    default:
      return available === 0 ? 0 : fail("unsupportedSecurityMode", layer, modeText(layer.securityMode));
  }
}

function keyUseOf(layer: TransportLayer, message: MessageAuthentication | undefined) {
  const information = message?.keyInformation;
  return {
    layer: "transport",
    keyId: information === undefined ? layer.keyId : (information[0] as number) & 0x0f,
    keyVersion: information === undefined ? layer.keyVersion : (information[1] as number),
  } as const;
}

/** The key itself or one derived from it; the message counter is the transport layer's, otherwise that of the AFL. */
function effectiveKey(
  layer: TransportLayer,
  context: TransportContext,
  key: AesKey,
  keyDerivation: number,
  purpose: number,
): AesKey {
  if (keyDerivation === 0) return key;
  if (keyDerivation !== 1) fail("unsupportedSecurityMode", layer, `key derivation ${keyDerivation} is reserved`);
  const constant = context.fromMeter ? purpose : purpose | derivation.toMeter;
  const address = (layer.address ?? context.sender).octets;
  return deriveKey(key, constant, counterOf(layer, context), address);
}

function counterOf(layer: TransportLayer, context: TransportContext): Uint8Array {
  return (
    layer.counter ?? context.message?.messageCounter ?? fail("badValue", layer, "no message counter to derive a key")
  );
}

function hasMac(
  bytes: Uint8Array,
  layer: TransportLayer,
  context: TransportContext,
  key: AesKey,
  mac: Uint8Array,
): boolean {
  const { message } = context;
  if (message === undefined) return false;
  const information = message.keyInformation?.[0];
  const keyDerivation = information === undefined ? layer.keyDerivation : (information >> 4) & 3;
  const macKey = effectiveKey(layer, context, key, keyDerivation, derivation.mac);
  const wanted = cmac(macKey, authenticatedBytes(message, bytes.subarray(layer.offset)));
  let difference = 0;
  for (const [index, byte] of mac.entries()) difference |= byte ^ (wanted[index] as number);
  return difference === 0;
}

function openCbc(
  bytes: Uint8Array,
  layer: TransportLayer,
  context: TransportContext,
  key: AesKey,
  length: number,
): Uint8Array {
  const { dataOffset, securityMode } = layer;
  const messageKey =
    securityMode === 5 ? key : effectiveKey(layer, context, key, layer.keyDerivation, derivation.encryption);
  const vector = new Uint8Array(blockBytes);
  if (securityMode === 5) {
    vector.set((layer.address ?? context.sender).octets);
    vector.fill(layer.accessNumber ?? 0, 8);
  }
  const plain = decryptCbc(messageKey, vector, bytes.subarray(dataOffset, dataOffset + length));
  const rest = bytes.subarray(dataOffset + length);
  if (rest.length === 0) return plain;
  const data = new Uint8Array(length + rest.length);
  data.set(plain);
  data.set(rest, length);
  return data;
}

/** The nonce: M2 id4 V T 00, and the counter most significant byte first, as a real meter has it. */
function openCcm(bytes: Uint8Array, layer: TransportLayer, context: TransportContext, key: AesKey): OpenedTransport {
  const { offset, associatedEnd, dataOffset, tagBytes } = layer;
  const messageKey = effectiveKey(layer, context, key, layer.keyDerivation, derivation.encryption);
  const nonce = new Uint8Array(13);
  nonce.set((layer.address ?? context.sender).octets);
  nonce.set(counterOf(layer, context).toReversed(), 9);
  const tagOffset = bytes.length - tagBytes;
  const data = messageKey.openCcm(
    nonce,
    bytes.subarray(offset, associatedEnd),
    bytes.subarray(dataOffset, tagOffset),
    bytes.subarray(tagOffset),
  );
  if (data === undefined) fail("wrongKey", layer, "authentication tag (or the message was changed)");
  return { data, isEncrypted: true, isAuthenticated: true };
}
