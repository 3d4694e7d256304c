import { expect, it } from "vitest";
import { fromHex } from "../../../cosem/codec/bytes.js";
import { compileLayout, decodeApplication, matchesLayout, packPayload } from "../../../src/mbus/index.js";

/** A header that no other test has, so that nothing remembers it; 9 bytes of LVAR; manufacturer's data. */
const telegram = "78 8C8C5D13 78563412 0DFD3B E9 010203040506070809 0F AABB".replaceAll(" ", "");

it("keeps nothing of the caller's bytes, of a Buffer neither, and does not change them", () => {
  const expected = decodeApplication(fromHex(telegram));
  const other = Buffer.from(telegram.replace("5d13", "5d14").replace("5D13", "5D14"), "hex");
  const before = Buffer.from(other).toString("hex");
  const decoded = decodeApplication(other);
  const layout = compileLayout(packPayload([other]));
  expect(other.toString("hex")).toBe(before);
  const payload = packPayload([Uint8Array.from(other)]);
  other.fill(0);
  expect(decoded.records[1]?.value).toEqual(expected.records[1]?.value);
  expect(decoded.manufacturerData).toEqual(Uint8Array.of(0xaa, 0xbb));
  expect(decoded.records[0]?.header).toEqual(fromHex("8c8c5d14"));
  expect(matchesLayout(layout, payload)).toBe(true);
  expect(decodeApplication(fromHex(before)).records[0]?.header).toEqual(fromHex("8c8c5d14"));
});
