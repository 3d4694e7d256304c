/** AES-GCM against published vectors. */
import { describe, expect, it } from "vitest";
import { fromHex, openText, SymmetricKey, sealOverhead, sealText, toHex } from "../../../cosem/index.js";

/**
 * The example of the DLMS UA's Green Book (security suite 0): title 4D4D4D0000BC614E, counter 01234567, and a GET of the
 * clock; expected contents for authentication, encryption and both.
 */
const keys = {
  encryptionKey: new SymmetricKey(fromHex("000102030405060708090a0b0c0d0e0f")),
  authenticationKey: new SymmetricKey(fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf")),
  title: fromHex("4d4d4d0000bc614e"),
  header: undefined,
};
const counter = 0x01234567;
const plain = "c0010000080000010000ff0200";

describe("the Green Book's example", () => {
  it.each([
    [0x10, `1001234567${plain}06725d910f9221d263877516`],
    [0x20, "2001234567411312ff935a47566827c467bc"],
    [0x30, "3001234567411312ff935a47566827c467bc7d825c3be4a77c3fcc056b6b"],
  ])("control byte %i", (control, content) => {
    const text = fromHex(plain);
    const sealed = new Uint8Array(text.length + sealOverhead(control));
    sealText(text, control, counter, keys, sealed, 0);
    expect(toHex(sealed)).toBe(content);
    expect(toHex(openText(fromHex(content), keys) ?? new Uint8Array(0))).toBe(plain);
  });
});
