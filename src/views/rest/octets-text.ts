import { toHex } from "../../../cosem/index.js";

/** Names and numbers are often sent as octet-strings: text where every byte is printable ASCII, else hex. */
export function octetsText(bytes: Uint8Array): string {
  const printable = bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return printable ? String.fromCharCode(...bytes) : toHex(bytes);
}
