/** Thread: looks at one new password with the dictionaries of common passwords, words and names, then ends. */
import { parentPort, workerData } from "node:worker_threads";
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import * as common from "@zxcvbn-ts/language-common";
import * as english from "@zxcvbn-ts/language-en";

const { password, words } = workerData as { readonly password: string; readonly words: readonly string[] };

/** Guesses, as zxcvbn counts them: 2 is more than 10^6, 3 more than 10^8. Eight random characters are 2. */
const leastScore = 2;
const leastScoreWithWords = 3;
/** A word of less letters is found in any text. */
const leastWord = 4;

const { score, feedback, sequence } = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
}).check(password, [...words]);

const hasWord = sequence.some(({ pattern, token }) => pattern === "dictionary" && token.length >= leastWord);
const isGood = score >= (hasWord ? leastScoreWithWords : leastScore);
const reason = feedback.warning ?? (hasWord ? "it is made of a common word, name or password" : "it is easy to guess");
parentPort?.postMessage(isGood ? undefined : `${reason.replace(/\.$/, "")}; take a longer one, without common words`);
