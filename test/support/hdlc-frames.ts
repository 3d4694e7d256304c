/** HDLC frames put together apart from our codec: check sequences bit by bit, lengths by counting. */
import { readFileSync } from "node:fs";
import { fromHex, toHex } from "../../cosem/index.js";
import { testFile } from "./repository.js";

export interface HdlcTranscript {
  readonly name: string;
  readonly about: string;
  readonly transport: "wrapper" | "hdlc" | "none";
  readonly suspect?: string;
  readonly clientSap: number;
  readonly serverSap: number;
  readonly parameters: {
    readonly auth: string;
    readonly passwordText?: string;
    readonly clientMaxReceivePduSize?: number;
    readonly clientHdlcMaxInfoTx?: number;
    readonly clientHdlcMaxInfoRx?: number;
    readonly serverHdlcMaxInfoTx?: number;
    readonly serverHdlcMaxInfoRx?: number;
    readonly serverHdlcAddress?: string;
    readonly [others: string]: string | number | undefined;
  };
  readonly steps: readonly {
    readonly direction: ">" | "<";
    readonly bytes: string;
    readonly apdu: string;
    readonly says?: string;
    readonly invalid?: string;
  }[];
}

/** The HDLC exchanges of one file of test/transcripts. */
export function hdlcTranscripts(name: string): readonly HdlcTranscript[] {
  const all = JSON.parse(readFileSync(testFile(`transcripts/${name}.json`), "utf8")) as HdlcTranscript[];
  return all.filter(({ transport }) => transport === "hdlc");
}

function checkSequence(bytes: Uint8Array): string {
  let register = 0xffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((register ^ (byte >> bit)) & 1) === 1;
      register >>= 1;
      if (isOdd) register ^= 0x8408;
    }
  }
  const value = register ^ 0xffff;
  return toHex(Uint8Array.of(value & 0xff, value >> 8));
}

export interface FrameParts {
  /** Hex. */
  readonly destination: string;
  readonly source: string;
  /** One octet of hex. */
  readonly control: string;
  readonly information?: string;
  readonly isSegmented?: boolean;
  /** For frames that are meant to be wrong. */
  readonly formatType?: number;
  readonly length?: number;
}

/** A whole frame as hex, flags included. */
export function frameHex(parts: FrameParts): string {
  const { destination, source, control, information = "", isSegmented = false, formatType = 0xa } = parts;
  const octets = (hex: string) => hex.length / 2;
  const counted = 2 + octets(destination) + octets(source) + 1 + (information === "" ? 0 : 2 + octets(information)) + 2;
  const length = parts.length ?? counted;
  const format = (formatType << 12) | (isSegmented ? 0x800 : 0) | length;
  let text = format.toString(16).padStart(4, "0") + destination + source + control;
  if (information !== "") text += checkSequence(fromHex(text)) + information;
  return `7e${text}${checkSequence(fromHex(text))}7e`;
}
