/** Encrypted wireless telegrams decoded a second, beside the bare AES of the same blocks. */
import type { Mode5Answer } from "./load/mode5-child.js";
import { runOnce } from "./load/process.js";
import { type Bench, result } from "./result.js";

export const mode5Bench: Bench = {
  names: ["decode-mode5"],
  async run() {
    const { perSecond, bareAesPerSecond, ownAesPerSecond, telegrams, blocks, records } = await runOnce<Mode5Answer>(
      "mode5-child.js",
      {},
    );
    const bare = { what: "bare AES-CBC of the same blocks by node:crypto", value: bareAesPerSecond };
    const share = Math.round((100 * perSecond) / ownAesPerSecond);
    const each = (total: number) => (total / telegrams).toFixed(1);
    const note = `${telegrams} telegrams of the corpus, ${each(blocks)} blocks and ${each(records)} values each; ${share} % of the time spent in AES`;
    return [result("decode-mode5", perSecond, "telegrams/s", bare, note)];
  },
};
