import {
  type ActionResult,
  actionResult,
  type DataAccessResult,
  dataAccessResult,
  type Refusal,
} from "../../../cosem/index.js";

/** Total: a new refusal does not compile until this view has answered it. */
export const dataAccessResultFor = {
  hardwareFault: dataAccessResult.hardwareFault,
  temporaryFailure: dataAccessResult.temporaryFailure,
  readWriteDenied: dataAccessResult.readWriteDenied,
  objectUndefined: dataAccessResult.objectUndefined,
  objectClassInconsistent: dataAccessResult.objectClassInconsistent,
  objectUnavailable: dataAccessResult.objectUnavailable,
  typeUnmatched: dataAccessResult.typeUnmatched,
  scopeOfAccessViolated: dataAccessResult.scopeOfAccessViolated,
  dataBlockUnavailable: dataAccessResult.dataBlockUnavailable,
  otherReason: dataAccessResult.otherReason,
} as const satisfies Record<Refusal, DataAccessResult>;

/** Total, as above, for methods. */
export const actionResultFor = {
  hardwareFault: actionResult.hardwareFault,
  temporaryFailure: actionResult.temporaryFailure,
  readWriteDenied: actionResult.readWriteDenied,
  objectUndefined: actionResult.objectUndefined,
  objectClassInconsistent: actionResult.objectClassInconsistent,
  objectUnavailable: actionResult.objectUnavailable,
  typeUnmatched: actionResult.typeUnmatched,
  scopeOfAccessViolated: actionResult.scopeOfAccessViolated,
  dataBlockUnavailable: actionResult.dataBlockUnavailable,
  otherReason: actionResult.otherReason,
} as const satisfies Record<Refusal, ActionResult>;
