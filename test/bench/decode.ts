/** Telegrams decoded a second beside what the wire itself can bring. */
import type { DecodeAnswer } from "./load/decode-child.js";
import { runOnce } from "./load/process.js";
import { type Bench, result } from "./result.js";

/** The fastest M-Bus; a character has 11 bits (EN 13757-2). */
const baudRate = 38_400;
const bitsOfCharacter = 11;
const requestBytes = 5;

export const decodeBench: Bench = {
  names: ["decode-telegrams"],
  async run() {
    const { perSecond, telegrams, frameBytes, records } = await runOnce<DecodeAnswer>("decode-child.js", {});
    const bits = (frameBytes + telegrams * requestBytes) * bitsOfCharacter;
    const onTheWire = telegrams / (bits / baudRate);
    const note = `${telegrams} wired telegrams of the corpus, ${Math.round(records / telegrams)} records each on average`;
    const what = "one wire at 38,400 baud without pauses";
    return [result("decode-telegrams", perSecond, "telegrams/s", { what, value: onTheWire }, note)];
  },
};
