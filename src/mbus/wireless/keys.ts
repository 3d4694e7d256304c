/** How the decoder asks for keys. */
import type { WirelessAddress } from "./address.js";
import type { AesKey } from "./aes.js";

/** What the key asked for opens. */
export interface KeyUse {
  readonly layer: "extendedLink" | "transport";
  /** Key id and version of the telegram, 0 where it names none. */
  readonly keyId: number;
  readonly keyVersion: number;
}

/**
 * The key of the meter with this address: that of the long transport header where there is one, otherwise that of the
 * link layer; it is the address that goes into initialization vectors and derived keys. Undefined: none is known.
 */
export type KeyLookup = (address: WirelessAddress, use: KeyUse) => AesKey | undefined;
