/** The fields of what a master sends, behind CI field and header (EN 13757-3, -7): reset, selection, records, clock. */
import { decodeRecordsUntilCut } from "../application/records.js";
import { identificationText } from "../application/telegram-header.js";
import { writeVersionAndType } from "./address-fields.js";
import { writeRecord } from "./record-fields.js";
import { type FieldWriter, hexByte } from "./tree.js";

/** What each control information field is followed by; the others' data are shown as bytes. */
export function writeCommand(writer: FieldWriter, controlInformation: number): void {
  if (writer.left === 0) return;
  switch (controlInformation) {
    case 0x50:
    case 0x53:
      writer.take(1, { name: "subcode", meaning: resetWords(writer.byte()), value: hexByte(writer.byte()) });
      return;
    case 0x52:
    case 0x56:
      writeSelection(writer);
      return;
    case 0x51:
    case 0x5a:
    case 0x5b:
      writeRecords(writer);
      return;
    case 0x6c:
    case 0x6d:
      writer.take(1, { name: "control", value: hexByte(writer.byte()) });
      writer.rest({ name: controlInformation === 0x6c ? "time to set" : "time to add", meaning: "not decoded" });
  }
}

const dataSets = [
  ...["all", "user data", "simple billing", "enhanced billing", "multi-tariff billing", "instantaneous values"],
  ...["load management values", "reserved", "installation and start-up", "testing", "calibration", "manufacturing"],
  ...["development", "self-test", "reserved", "reserved"],
];

/** The upper half chooses the data set of later readouts. */
function resetWords(subcode: number): string {
  return `application reset: ${dataSets[subcode >> 4] ?? "reserved"}`;
}

/** The secondary address with F and FF as wildcards; then, with enhanced selection, the fabrication number. */
function writeSelection(writer: FieldWriter): void {
  const { bytes, offset } = writer;
  const id = writer.left >= 4 ? identificationText(bytes, offset).toUpperCase() : undefined;
  writer.take(4, { name: "identification number", meaning: "F: any digit", value: id });
  const anyMaker = writer.byte() === 0xff && writer.byte(1) === 0xff;
  const maker = hexByte(writer.byte(1)) + hexByte(writer.byte());
  writer.take(2, { name: "manufacturer", meaning: anyMaker ? "any" : "", value: maker });
  writeVersionAndType(writer);
  writeRecords(writer);
}

function writeRecords(writer: FieldWriter): void {
  const records = decodeRecordsUntilCut(writer.bytes, writer.offset, writer.end);
  for (const record of records) {
    // Fillers stand between records.
    if (record.headerOffset > writer.offset) writer.take(record.headerOffset - writer.offset, { name: "filler" });
    writeRecord(writer, record, records);
  }
}
