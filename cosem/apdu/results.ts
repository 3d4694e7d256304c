/** Data-Access-Result and Action-Result (IEC 62056-5-3, clause 8.5, COSEMpdu). */
export const dataAccessResult = {
  success: 0,
  hardwareFault: 1,
  temporaryFailure: 2,
  readWriteDenied: 3,
  objectUndefined: 4,
  objectClassInconsistent: 9,
  objectUnavailable: 11,
  typeUnmatched: 12,
  scopeOfAccessViolated: 13,
  dataBlockUnavailable: 14,
  longGetAborted: 15,
  noLongGetInProgress: 16,
  longSetAborted: 17,
  noLongSetInProgress: 18,
  dataBlockNumberInvalid: 19,
  otherReason: 250,
} as const;

/** Codes of Action-Result: those of Data-Access-Result up to 14, then its own. */
export const actionResult = {
  success: 0,
  hardwareFault: 1,
  temporaryFailure: 2,
  readWriteDenied: 3,
  objectUndefined: 4,
  objectClassInconsistent: 9,
  objectUnavailable: 11,
  typeUnmatched: 12,
  scopeOfAccessViolated: 13,
  dataBlockUnavailable: 14,
  longActionAborted: 15,
  noLongActionInProgress: 16,
  otherReason: 250,
} as const;

export type DataAccessResult = (typeof dataAccessResult)[keyof typeof dataAccessResult];
export type ActionResult = (typeof actionResult)[keyof typeof actionResult];

const kebab = (name: string) => name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
const namesOf = (codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(codes).map(([name, code]) => [code, kebab(name)]));
const resultNames = namesOf(dataAccessResult);
const actionResultNames = namesOf(actionResult);

/** The standard's words for a Data-Access-Result, e.g. `object-undefined`; `result 77` for an unknown code. */
export function dataAccessResultName(code: number): string {
  return resultNames.get(code) ?? `result ${code}`;
}

/** As in Action-Result, for people. */
export function actionResultName(code: number): string {
  return actionResultNames.get(code) ?? `result ${code}`;
}
