import type { KeyStore, KeyStoreState, RandomBytes } from "../../security/index.js";
import type { Answer, Refused } from "../contract.js";
import { isRefused, refused } from "../refused.js";

/** What one call of a method works with. */
export interface SecurityCall {
  readonly store: KeyStore;
  readonly state: KeyStoreState;
  readonly serverTitle: Uint8Array;
  /** Undefined: the caller has not said who he is. */
  readonly clientTitle: Uint8Array | undefined;
  readonly random: RandomBytes;
  readonly now: number;
  readonly takesUntrusted: boolean;
}

/** Keeps a change; where that fails nothing has changed, and the caller may try again. */
export function commit(store: KeyStore, change: Partial<KeyStoreState>): Answer<undefined | Refused> {
  const answer = store.change(change);
  return answer instanceof Promise ? answer.then(keptOrRefused) : keptOrRefused(answer);
}

function keptOrRefused(isKept: boolean): undefined | Refused {
  return isKept ? undefined : refused.temporaryFailure;
}

/** The value once the change behind it is kept. */
export function afterwards<R>(answer: Answer<undefined | Refused>, value: R): Answer<R | Refused> {
  if (answer instanceof Promise) return answer.then((later) => (isRefused(later) ? later : value));
  return isRefused(answer) ? answer : value;
}
