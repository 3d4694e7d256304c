/** The form in which a wireless telegram is stored; see WirelessTelegram.applicationData. */
import type { WirelessAddress } from "./address.js";
import type { ExtendedLink } from "./extended-link.js";
import type { TransportLayer } from "./transport.js";

const headerBytes = 13;
/** Bidirectional, accessible, synchronous and content of message: bits that modes 0 and 5 share. */
const lastingWordBits = 0xe00c;

/** CI 72, long header, records in plain. */
export function storedTelegram(
  meter: WirelessAddress,
  transport: TransportLayer,
  extendedLink: ExtendedLink | undefined,
  records: Uint8Array,
): Uint8Array {
  const { octets } = meter;
  const bytes = new Uint8Array(headerBytes + records.length);
  bytes[0] = 0x72;
  // From M2 id4 V T to id4 M2 V T.
  for (let index = 0; index < 4; index++) bytes[1 + index] = octets[2 + index] as number;
  bytes[5] = octets[0] as number;
  bytes[6] = octets[1] as number;
  bytes[7] = octets[6] as number;
  bytes[8] = octets[7] as number;
  bytes[9] = transport.accessNumber ?? extendedLink?.accessNumber ?? 0;
  bytes[10] = transport.status ?? 0;
  const word = lastingWord(transport);
  bytes[11] = word & 0xff;
  bytes[12] = word >> 8;
  bytes.set(records, headerBytes);
  return bytes;
}

function lastingWord({ configurationWord, securityMode }: TransportLayer): number {
  const hasSharedBits = securityMode === 0 || securityMode === 5;
  return configurationWord !== null && hasSharedBits ? configurationWord & lastingWordBits : 0;
}
