/**
 * Compact frames send values alone: their record headers were sent before, in a full frame or a format frame, and are
 * found again by their signature. This remembers them, a bounded number, the least recently used going first.
 *
 *   compact frame  signature2 full-frame-CRC2, values
 *   format frame   length1 signature2, record headers
 * @see EN 13757-3, compact frames
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { variableLength } from "../application/coding.js";
import { headerAt } from "../application/record-header.js";
import { isUnreadable, Special } from "../application/records.js";
import type { DecodedTelegram } from "../record.js";
import { crc16 } from "./crc.js";
import { readWord } from "./little-endian.js";

const layer = "compact frame";

/** Record headers in order; a last DIF 0F or 1F says that manufacturer's data follows. */
interface Format {
  readonly headers: readonly Uint8Array[];
  readonly tail: number | undefined;
  /** The same as sent in a format frame. */
  readonly bytes: Uint8Array;
}

/** Formats that share a signature by chance; the full-frame CRC tells them apart. */
const maxPerSignature = 4;

export class RememberedFormats {
  private readonly limit: number;
  /** By signature, least recently used first. */
  private readonly formats = new Map<number, readonly Format[]>();

  constructor(limit = 1024) {
    this.limit = limit;
  }

  get size(): number {
    return this.formats.size;
  }

  /** Record headers of each known format, as learnBytes() takes them: to keep them over a restart. */
  all(): Uint8Array[] {
    return [...this.formats.values()].flatMap((formats) => formats.map(({ bytes }) => bytes));
  }

  /** What a decoded full frame teaches: nothing where a bad record may hide other headers, or a fixed structure has none. */
  learnFrom({ records, manufacturerData, more }: DecodedTelegram): void {
    if (records.some((record) => isUnreadable(record) || record.header.length === 0)) return;
    const tail = more ? Special.moreFollows : Special.manufacturerData;
    this.learn(
      records.map(({ header }) => header),
      manufacturerData === undefined ? undefined : tail,
    );
  }

  /**
   * What a full frame teaches.
   * @param headers  of its records, in order
   * @param tail     DIF 0F or 1F where manufacturer's data follows
   */
  learn(headers: readonly Uint8Array[], tail: number | undefined): void {
    if (headers.length === 0) return;
    this.add({ headers, tail: undefined, bytes: joined(headers, undefined) });
    // Whether the signature counts the DIF of manufacturer's data is not public: both are kept, the CRC decides.
    if (tail !== undefined) this.add({ headers, tail, bytes: joined(headers, tail) });
  }

  /** Record headers one behind the other. @throws DecodeError `truncated`, `reservedDataField` */
  learnBytes(bytes: Uint8Array): void {
    this.add(formatOf(bytes));
  }

  /** @throws DecodeError `truncated`, `badLength`, `badChecksum` (signature), `reservedDataField` */
  learnFormatFrame(data: Uint8Array): void {
    if (data.length < 3) throw new DecodeError("truncated", data.length, layer, "no format signature");
    // The length counts what follows it; fillers may stand behind.
    const end = 1 + (data[0] as number);
    if (end < 3 || end > data.length) throw new DecodeError("badLength", 0, layer, `length ${data[0]} of a format`);
    const format = formatOf(data.subarray(3, end));
    if (crc16(format.bytes) !== readWord(data, 1)) throw new DecodeError("badChecksum", 1, layer, "format signature");
    this.add(format);
  }

  private add(format: Format): void {
    const signature = crc16(format.bytes);
    const known = this.formats.get(signature) ?? [];
    const others = known.filter(({ bytes }) => !isSame(bytes, format.bytes));
    this.formats.delete(signature);
    this.formats.set(signature, [format, ...others].slice(0, maxPerSignature));
    if (this.formats.size > this.limit) {
      for (const oldest of this.formats.keys()) {
        this.formats.delete(oldest);
        return;
      }
    }
  }

  /**
   * Makes a full frame's records of a compact frame's data.
   * @throws DecodeError `truncated`, `formatUnknown` (signature never seen), `badChecksum` (full-frame CRC)
   */
  expand(data: Uint8Array): Uint8Array {
    if (data.length < 4) throw new DecodeError("truncated", data.length, layer, "no signature and CRC");
    const signature = readWord(data, 0);
    const wanted = readWord(data, 2);
    const known = this.formats.get(signature);
    const name = `format ${signature.toString(16).padStart(4, "0")}`;
    if (known === undefined) throw new DecodeError("formatUnknown", 0, layer, `${name} was not seen in full yet`);
    for (const format of known) {
      const records = fillIn(format, data.subarray(4));
      if (records === undefined || crc16(records) !== wanted) continue;
      this.formats.delete(signature);
      this.formats.set(signature, known);
      return records;
    }
    throw new DecodeError("badChecksum", 2, layer, `full-frame CRC, ${name}`);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function joined(headers: readonly Uint8Array[], tail: number | undefined): Uint8Array {
  const length = headers.reduce((total, header) => total + header.length, 0);
  const bytes = new Uint8Array(length + (tail === undefined ? 0 : 1));
  let offset = 0;
  for (const header of headers) {
    bytes.set(header, offset);
    offset += header.length;
  }
  if (tail !== undefined) bytes[offset] = tail;
  return bytes;
}

function formatOf(bytes: Uint8Array): Format {
  const headers: Uint8Array[] = [];
  let next = 0;
  while (next < bytes.length) {
    const dif = bytes[next] as number;
    if (dif === Special.filler) {
      next++;
      continue;
    }
    if (dif === Special.manufacturerData || dif === Special.moreFollows) {
      return { headers, tail: dif, bytes: joined(headers, dif) };
    }
    if ((dif & 0x0f) === 0x0f) throw new DecodeError("reservedDataField", next, layer, `DIF ${dif.toString(16)}`);
    const header = headerAt(bytes, next, bytes.length).bytes;
    headers.push(header);
    next += header.length;
  }
  return { headers, tail: undefined, bytes: joined(headers, undefined) };
}

/** The full frame's records; undefined when the values do not fit the format. */
function fillIn(format: Format, values: Uint8Array): Uint8Array | undefined {
  const records = new Uint8Array(format.bytes.length + values.length);
  let from = 0;
  let to = 0;
  for (const header of format.headers) {
    const length = valueBytes(header, values, from);
    if (length < 0 || from + length > values.length) return undefined;
    records.set(header, to);
    records.set(values.subarray(from, from + length), to + header.length);
    from += length;
    to += header.length + length;
  }
  if (format.tail === undefined) return from === values.length ? records : undefined;
  records[to] = format.tail;
  records.set(values.subarray(from), to + 1);
  return records;
}

/** Bytes of the value at `offset`, with its LVAR; -1 where that cannot be known. */
function valueBytes(header: Uint8Array, values: Uint8Array, offset: number): number {
  const { dataLength } = headerAt(header, 0, header.length);
  if (dataLength >= 0) return dataLength;
  const length = variableLength(values[offset] ?? 0xff);
  return length < 0 ? -1 : length + 1;
}
