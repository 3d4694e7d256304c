import type { Answer, Refused } from "./contract.js";

/** Does what follows from a port's consent, at once or later; hands a refusal through. */
export function whenAccepted(answer: Answer<undefined | Refused>, then: () => void): Answer<undefined | Refused> {
  if (answer instanceof Promise) return answer.then((later) => whenAccepted(later, then));
  if (answer === undefined) then();
  return answer;
}
