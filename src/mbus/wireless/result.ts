/** What decodeWireless() gives out. */
import type { DecodedTelegram } from "../record.js";
import type { WirelessAddress } from "./address.js";
import type { FrameFormat } from "./frame.js";

/** The link layer: who sent the frame, which need not be the meter. */
export interface WirelessLink {
  readonly format: FrameFormat;
  /** C field. */
  readonly control: number;
  readonly address: WirelessAddress;
}

export interface WirelessSecurity {
  readonly isEncrypted: boolean;
  /** AES-CTR of the extended link layer. */
  readonly isLinkEncrypted: boolean;
  /** Security mode of the transport layer, 0 to 31. */
  readonly mode: number;
  /** The MAC of the AFL or the tag of mode 10 was there and right: nobody changed the message. */
  readonly isAuthenticated: boolean;
  /** The extended link layer's payload CRC was there and right. */
  readonly hasPayloadCrc: boolean;
  readonly keyId: number;
  readonly keyVersion: number;
}

/**
 * Counters against replay: refuse a message whose counter is not greater than the meter's last (identical repeats
 * apart). Only counters of authenticated or decrypted messages are worth keeping. Undefined where there is none.
 */
export interface WirelessCounters {
  /** Of the transport layer or, without one there, of the AFL (MCR). */
  readonly message: number | undefined;
  /** Session number of the extended link layer without its encryption bits: minutes and session, growing. */
  readonly session: number | undefined;
  /** 0 to 255 and round again: tells repeats apart, does not prove anything. */
  readonly accessNumber: number | undefined;
}

interface WirelessMessage {
  readonly link: WirelessLink;
  /** CI fields in order. */
  readonly layers: readonly number[];
  /** It came through a repeater (hop bit of extended link layer or configuration word). */
  readonly isRepeated: boolean;
}

/** A message of a meter with its records; none in messages without application data (CI 80, 8A, 8B). */
export interface WirelessTelegram extends WirelessMessage {
  readonly kind: "telegram";
  /** The meter: the long transport header's address, otherwise the link's. */
  readonly meter: WirelessAddress;
  /** A radio converter or other part sent it for the meter: the two addresses differ. */
  readonly isForeign: boolean;
  readonly security: WirelessSecurity;
  readonly counters: WirelessCounters;
  /** As the telegram says it: its own CI and configuration word, null for what its header lacks. */
  readonly telegram: DecodedTelegram;
  /**
   * What is to be stored: CI 72 with a long header of the meter's address and plain records, whatever header and
   * security the telegram had, so that it says by itself whose it is and decodeApplication() reads it for ever.
   * Access number: the header's, otherwise the extended link layer's, otherwise 0; status 0 where there is none;
   * configuration word: only what does not speak of security and repeaters; leading fillers are left out and compact
   * frames are filled in, so that full and compact ones of a meter share a layout. Offsets of the records point here.
   */
  readonly applicationData: Uint8Array;
}

/** Part of a message whose other parts are still to come. */
export interface WirelessFragment extends WirelessMessage {
  readonly kind: "fragment";
  /** From 1. */
  readonly fragmentId: number;
}

/** A format frame: its record headers are remembered for compact frames. */
export interface WirelessFormat extends WirelessMessage {
  readonly kind: "format";
  readonly meter: WirelessAddress;
}

export type WirelessResult = WirelessTelegram | WirelessFragment | WirelessFormat;
