/** The fields that say who a meter is: in headers, link addresses and selections. */
import { manufacturerLetters, mediumName } from "../application/names.js";
import { type FieldWriter, hexByte } from "./tree.js";

/** Manufacturer, version, device type: in headers and link addresses alike. */
export function writeMaker(writer: FieldWriter): void {
  const code = writer.byte() | (writer.byte(1) << 8);
  const isLocal = (code & 0x8000) !== 0;
  writer.take(2, {
    name: "manufacturer",
    meaning: isLocal ? "address not unique worldwide" : "",
    value: manufacturerLetters(code),
  });
  writeVersionAndType(writer);
}

export function writeVersionAndType(writer: FieldWriter): void {
  writer.take(1, { name: "version", value: String(writer.byte()) });
  writer.take(1, { name: "device type", meaning: mediumName(writer.byte()), value: hexByte(writer.byte()) });
}
