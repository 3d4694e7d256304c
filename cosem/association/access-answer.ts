import { dataAccessResult } from "../apdu/results.js";
import type { GetAnswer } from "./outgoing-body.js";

/** What one specification gave: a code, and what there is to tell. */
export interface AccessAnswer {
  /** A code of Data-Access-Result, or of Action-Result. */
  readonly result: number;
  /** Value of a get, what an action returned. */
  readonly value: Extract<GetAnswer, { kind: "data" | "stream" }> | undefined;
}

/** What stands behind the first error of a list that is broken off there. */
export const notExecuted: AccessAnswer = { result: dataAccessResult.otherReason, value: undefined };
