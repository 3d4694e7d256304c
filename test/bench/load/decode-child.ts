/** Telegrams decoded a second over the good telegrams of the wired corpus; sends DecodeAnswer. */
import { readFileSync } from "node:fs";
import { decodeApplication, decodeLinkFrame } from "../../../src/mbus/index.js";
import { testFile } from "../../support/repository.js";
import { median } from "../result.js";

export interface DecodeAnswer {
  readonly perSecond: number;
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
  .map(({ hex }) => Buffer.from(hex, "hex"));
const telegrams = frames.flatMap((frame) => {
  const decoded = decodeLinkFrame(frame);
  return decoded.kind === "long" ? [decoded.applicationData] : [];
});

function pass(): number {
  let records = 0;
  for (const telegram of telegrams) records += decodeApplication(telegram).records.length;
  return records;
}

/** Telegrams a second, over half a second. */
function measure(): number {
  const started = performance.now();
  let passes = 0;
  while (performance.now() - started < 500) {
    pass();
    passes += 1;
  }
  return (passes * telegrams.length) / ((performance.now() - started) / 1000);
}

const records = pass();
measure();
const answer: DecodeAnswer = {
  perSecond: median([measure(), measure(), measure()]),
  telegrams: telegrams.length,
  frameBytes: frames.reduce((total, frame) => total + frame.length, 0),
  records,
};
process.send?.(answer);
