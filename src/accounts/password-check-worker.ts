/** Thread: looks at one new password with the dictionaries of common passwords, words and names, then ends. */
import { parentPort, workerData } from "node:worker_threads";
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import * as common from "@zxcvbn-ts/language-common";
import * as english from "@zxcvbn-ts/language-en";
import { folded, passwordWords } from "./password-words.js";

const { password, words } = workerData as { readonly password: string; readonly words: readonly string[] };

/** Guesses, as zxcvbn counts them: 2 is more than 10^6, 3 more than 10^8. Eight random characters are 2. */
const leastScore = 2;
const leastScoreWithWords = 3;
/** A word of less letters is found in any text. */
const leastWord = 4;

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary, own: [...passwordWords()] },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
});

function weaknessOf(text: string): string | undefined {
  const { score, feedback, sequence } = zxcvbn.check(text, [...words, ...words.map(folded)]);
  const hasWord = sequence.some(({ pattern, token }) => pattern === "dictionary" && token.length >= leastWord);
  if (score >= (hasWord ? leastScoreWithWords : leastScore)) return undefined;
  const reason =
    feedback.warning ?? (hasWord ? "it is made of a common word, name or password" : "it is easy to guess");
  return `${reason.replace(/\.$/, "")}; take a longer one, without common words`;
}

/** An accent makes no word unknown: the dictionaries are compared with and without. */
parentPort?.postMessage(weaknessOf(password) ?? weaknessOf(folded(password)));
