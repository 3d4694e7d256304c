/** Text to the bytes of a report. A character that the encoding lacks becomes `?`: never a wrong one, never nothing. */
import type { ReportConventions } from "./contract.js";

/** Windows-1252 80h to 9Fh (Unicode consortium, CP1252.TXT); 81h, 8Dh, 8Fh, 90h and 9Dh are not assigned. */
const windows1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";
const aboveLatin1 = new Map(
  [...windows1252]
    .map((character, index): [number, number] => [character.charCodeAt(0), 0x80 + index])
    .filter(([code]) => code > 0xff),
);
const replacement = "?".charCodeAt(0);

export function encodeText(text: string, encoding: ReportConventions["encoding"]): Uint8Array {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  // Composed letters fit where a letter and its accent as two characters would not.
  const composed = text.normalize("NFC");
  const bytes = new Uint8Array(composed.length);
  let length = 0;
  for (const character of composed) {
    const code = character.codePointAt(0) ?? replacement;
    bytes[length++] = encodeCharacter(code, encoding);
  }
  return bytes.subarray(0, length);
}

function encodeCharacter(code: number, encoding: "windows-1252" | "iso-8859-1"): number {
  if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code;
  if (encoding === "iso-8859-1") return code <= 0xff ? code : replacement;
  return aboveLatin1.get(code) ?? replacement;
}
