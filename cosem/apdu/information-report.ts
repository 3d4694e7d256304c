/** InformationReport, SN referencing (IEC 62056-5-3, clause 8.5): values told unasked; nothing confirms it. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { readOctets, readPresence, writeOctets } from "./descriptor.js";
import { apduTag } from "./tags.js";
import { readVariableWrites, type VariableWrites, writeVariableWrites } from "./variable-access.js";

export interface InformationReport extends VariableWrites {
  /** GeneralizedTime, e.g. `20261123010500Z`: ISO 8859-1 text behind its length, as A-XDR has it. */
  readonly currentTime: string | undefined;
}

/** @throws DecodeError also for bytes behind it and for lists of different lengths */
export function decodeInformationReport(apdu: Uint8Array): InformationReport {
  const reader = new ByteReader(apdu, "information-report");
  if (reader.u8() !== apduTag.informationReportRequest) reader.fail("unknownTag", undefined, 0);
  const currentTime = readPresence(reader) ? readTime(reader) : undefined;
  const report = { currentTime, ...readVariableWrites(reader) };
  reader.expectEnd();
  return report;
}

/** The longest form has 14 digits, a fraction and the difference to UTC. */
const longestTime = 32;

function readTime(reader: ByteReader): string {
  const start = reader.offset;
  const octets = readOctets(reader);
  if (octets.length > longestTime) reader.fail("badLength", "no GeneralizedTime is so long", start);
  return String.fromCharCode(...octets);
}

export function encodeInformationReport({ currentTime, variables, values }: InformationReport): Uint8Array {
  const writer = new ByteWriter(64).u8(apduTag.informationReportRequest).u8(currentTime === undefined ? 0 : 1);
  if (currentTime !== undefined)
    writeOctets(
      writer,
      Uint8Array.from(currentTime, (char) => char.charCodeAt(0)),
    );
  writeVariableWrites(writer, { variables, values });
  return writer.finish();
}
