import type { Answer } from "../../../cosem/index.js";

/** `use` of the result, at once where it is in memory: values read in one turn belong to one committed readout. */
export function withAnswer<T, U>(answer: Answer<T>, use: (result: T) => U): Answer<U> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}

/** All results in order; a promise only where one of them is. */
export function allAnswers<T>(answers: readonly Answer<T>[]): Answer<readonly T[]> {
  return answers.some((answer) => answer instanceof Promise) ? Promise.all(answers) : (answers as readonly T[]);
}
