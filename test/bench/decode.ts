/** Telegrams decoded a second: beside what the wire itself can bring, and beside a loop over the same bytes. */
import type { DecodeAnswer } from "./load/decode-child.js";
import { runOnce } from "./load/process.js";
import { type Bench, result } from "./result.js";

/** The fastest M-Bus; a character has 11 bits (EN 13757-2). */
const baudRate = 38_400;
const bitsOfCharacter = 11;
const requestBytes = 5;

export const decodeBench: Bench = {
  names: ["decode-telegrams", "decode-full", "decode-layout"],
  async run(names) {
    const answer = await runOnce<DecodeAnswer>("decode-child.js", {});
    const { perSecond, fullPerSecond, layoutPerSecond, bareReadsPerSecond, telegrams, frameBytes, records } = answer;
    const bits = (frameBytes + telegrams * requestBytes) * bitsOfCharacter;
    const wire = { what: "one wire at 38,400 baud without pauses", value: telegrams / (bits / baudRate) };
    const bare = { what: "adding up the same bytes", value: bareReadsPerSecond };
    const note = `${telegrams} wired telegrams of the corpus, ${Math.round(records / telegrams)} records each on average`;
    return [
      result("decode-telegrams", perSecond, "telegrams/s", wire, note),
      result("decode-full", fullPerSecond, "telegrams/s", bare, "link frame, header and every value; one thread"),
      result("decode-layout", layoutPerSecond, "telegrams/s", bare, "checked against its layout, every value read"),
    ].filter(({ name }) => names.has(name));
  },
};
