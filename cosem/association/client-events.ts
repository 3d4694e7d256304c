import type { AccessResponse } from "../apdu/access.js";
import type { ActionResponseData } from "../apdu/action.js";
import type { ConfirmedServiceError } from "../apdu/confirmed-service-error.js";
import type { ExceptionResponse } from "../apdu/exception-response.js";
import type { GetDataResult } from "../apdu/get.js";
import type { InitiateResponse } from "../apdu/initiate.js";

/** A rejected AARE. */
export interface AssociationRejection {
  readonly result: number;
  readonly diagnostic: { readonly source: "user" | "provider"; readonly value: number };
  readonly applicationContextName: readonly number[];
  /** Where the xDLMS part was at fault. */
  readonly initiateError: ConfirmedServiceError | undefined;
}

/** What the shell does next, in order. */
export type ClientEvent =
  | { readonly kind: "send"; readonly apdu: Uint8Array }
  | { readonly kind: "opened"; readonly negotiated: InitiateResponse }
  | { readonly kind: "rejected"; readonly rejection: AssociationRejection }
  | { readonly kind: "released" }
  | { readonly kind: "gotten"; readonly results: readonly GetDataResult[] }
  | { readonly kind: "written"; readonly results: readonly number[] }
  | { readonly kind: "invoked"; readonly responses: readonly ActionResponseData[] }
  | { readonly kind: "accessed"; readonly response: AccessResponse }
  /**
   * Unasked: a DataNotification, EventNotification or InformationReport, opened. No request ends by it. `protection` is
   * the sum of `protectionBit` that it had: a plain one comes through in a ciphered association too.
   */
  | { readonly kind: "notified"; readonly apdu: Uint8Array; readonly protection: number }
  /** The server took the request for none; the association stays. */
  | { readonly kind: "exception"; readonly exception: ExceptionResponse }
  /** The same with short names: confirmed-service-error. */
  | { readonly kind: "serviceError"; readonly error: ConfirmedServiceError }
  /** The answer cannot be used: broken bytes, another service, too long. The request is over. */
  | { readonly kind: "failed"; readonly error: Error };
