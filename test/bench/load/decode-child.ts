/**
 * Telegrams decoded a second over the good telegrams of the wired corpus, every value read; sends DecodeAnswer. In full:
 * link frame, header and all records. By layout: the stored telegram is checked against the layout of its shape, and all
 * values are read at their places. Beside them a loop that only adds up the same bytes.
 */
import { readFileSync } from "node:fs";
import {
  compileLayout,
  decodeApplication,
  decodeLinkFrame,
  matchesLayout,
  packPayload,
  readSlots,
} from "../../../src/mbus/index.js";
import { testFile } from "../../support/repository.js";
import { passRate } from "./pass-rate.js";

export interface DecodeAnswer {
  readonly perSecond: number;
  readonly fullPerSecond: number;
  readonly layoutPerSecond: number;
  readonly bareReadsPerSecond: number;
  readonly telegrams: number;
  /** Of the whole corpus: link frames, and the records in them. */
  readonly frameBytes: number;
  readonly records: number;
}

interface Item {
  readonly hex: string;
  readonly expect: { readonly kind: string };
}

const { items } = JSON.parse(readFileSync(testFile("vectors/mbus/corpus-wired.json"), "utf8")) as {
  items: readonly Item[];
};
const frames = items
  .filter(({ expect }) => expect.kind === "variable" || expect.kind === "fixed")
  .map(({ hex }) => Uint8Array.from(Buffer.from(hex, "hex")));
const telegrams = frames.flatMap((frame) => {
  const decoded = decodeLinkFrame(frame);
  return decoded.kind === "long" ? [decoded.applicationData] : [];
});
const stored = telegrams.map((telegram) => {
  const payload = packPayload([telegram]);
  return { payload, layout: compileLayout(payload) };
});

function application(): number {
  let records = 0;
  for (const telegram of telegrams) records += decodeApplication(telegram).records.length;
  return records;
}

function full(): number {
  let values = 0;
  for (const bytes of frames) {
    const frame = decodeLinkFrame(bytes);
    if (frame.kind !== "long") continue;
    for (const { value } of decodeApplication(frame.applicationData).records) if (value.kind !== "none") values++;
  }
  return values;
}

function byLayout(): number {
  let values = 0;
  for (const { payload, layout } of stored) {
    if (!matchesLayout(layout, payload)) throw new Error("a telegram does not match its own layout");
    for (const value of readSlots(layout, payload)) if (value.kind !== "none") values++;
  }
  return values;
}

function bareReads(): number {
  let sum = 0;
  for (const frame of frames) for (const byte of frame) sum += byte;
  return sum;
}

const rate = (pass: () => unknown) => passRate(telegrams.length, pass);

const answer: DecodeAnswer = {
  perSecond: rate(application),
  fullPerSecond: rate(full),
  layoutPerSecond: rate(byLayout),
  bareReadsPerSecond: rate(bareReads),
  telegrams: telegrams.length,
  frameBytes: frames.reduce((total, frame) => total + frame.length, 0),
  records: application(),
};
process.send?.(answer);
