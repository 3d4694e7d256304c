/** The LLC header (IEC 62056-46): two addresses and a control octet, once before each APDU. */

export const llcLength = 3;

const dlmsAddress = 0xe6;
const responseAddress = 0xe7;
/** Destination of what is meant for all. */
const broadcastAddress = 0xff;

export type LlcDirection = "command" | "response";

/** Header and APDU in memory of their own. */
export function withLlc(direction: LlcDirection, apdu: Uint8Array): Uint8Array {
  const message = new Uint8Array(llcLength + apdu.length);
  message[0] = dlmsAddress;
  message[1] = direction === "command" ? dlmsAddress : responseAddress;
  message.set(apdu, llcLength);
  return message;
}

/** The APDU behind the header; undefined where the header is another, or nothing follows it. */
export function withoutLlc(direction: LlcDirection, message: Uint8Array): Uint8Array | undefined {
  const source = direction === "command" ? dlmsAddress : responseAddress;
  const isForUs = message[0] === dlmsAddress || message[0] === broadcastAddress;
  if (!isForUs || message[1] !== source || message[2] !== 0 || message.length === llcLength) return undefined;
  return message.subarray(llcLength);
}
