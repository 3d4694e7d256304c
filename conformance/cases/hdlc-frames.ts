/** HDLC frames with any part wrong. Apart from cosem/framing/hdlc on purpose: that one makes good frames only. */

export interface FrameParts {
  /** Octets of the address as they stand in the frame. */
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly control: number;
  readonly information?: Uint8Array;
  /** High nibble of the format field; default A. */
  readonly formatType?: number;
  /** Added to the right length. */
  readonly lengthError?: number;
  readonly hasWrongHeaderCheck?: boolean;
  readonly hasWrongFrameCheck?: boolean;
}

const flag = 0x7e;

/** With both flags. */
export function makeFrame(parts: FrameParts): Uint8Array {
  const { destination, source, control, information = new Uint8Array(0), formatType = 0xa, lengthError = 0 } = parts;
  const headerLength = 2 + destination.length + source.length + 1;
  const length = headerLength + (information.length > 0 ? 2 + information.length : 0) + 2;
  const format = (formatType << 12) | ((length + lengthError) & 0x7ff);
  const header = [format >> 8, format & 0xff, ...destination, ...source, control];
  const body =
    information.length > 0 ? [...header, ...check(header, parts.hasWrongHeaderCheck === true), ...information] : header;
  return Uint8Array.from([flag, ...body, ...check(body, parts.hasWrongFrameCheck === true), flag]);
}

/** The CRC of ISO/IEC 13239 (polynomial 8408 in reverse), low octet first. */
function check(octets: readonly number[], isWrong: boolean): readonly number[] {
  let crc = 0xffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  const value = (isWrong ? crc ^ 0x0101 : crc) ^ 0xffff;
  return [value & 0xff, (value >> 8) & 0xff];
}

/** Seven bits an octet, the last one marked. */
export function addressOctets(upper: number, lower: number | undefined, length: number): Uint8Array {
  const parts =
    length === 4
      ? [upper >> 7, upper & 0x7f, (lower ?? 0) >> 7, (lower ?? 0) & 0x7f]
      : length === 2
        ? [upper, lower ?? 0]
        : [upper];
  return Uint8Array.from(parts.map((part, index) => (part << 1) | (index === parts.length - 1 ? 1 : 0)));
}
