import type { AccessSpecification } from "../apdu/access.js";
import type { ActionResponseData } from "../apdu/action.js";
import type { AttributeDescriptor, MethodDescriptor } from "../apdu/descriptor.js";
import type { InformationReport } from "../apdu/information-report.js";
import type { VariableReference } from "../apdu/variable-access.js";
import type { Data } from "../codec/data.js";
import type { AccessAnswer } from "./access-answer.js";
import type { NegotiatedAssociation, RefusalReason } from "./association-policy.js";
import type { GetAnswer } from "./outgoing-body.js";

/** Milliseconds of a clock that only ever grows. */
export type Instant = number;

export type CloseReason = "released" | "inactive" | "connectionLost" | "replaced";

/** What the shell does next, in order. */
export type AssociationEvent =
  /** `apdu` may be a view that holds until the next call to any association sharing the scratch writer. */
  | { readonly kind: "send"; readonly apdu: Uint8Array }
  | { readonly kind: "opened"; readonly session: NegotiatedAssociation }
  /** An AARQ was refused; worth a line in the log. */
  | { readonly kind: "refused"; readonly reason: RefusalReason }
  /** An APDU could not be taken; `detail` in words, for the log. */
  | { readonly kind: "rejected"; readonly detail: string }
  /** Answer with respondGet(). */
  | { readonly kind: "getRequested"; readonly attributes: readonly AttributeDescriptor[] }
  /** Answer with respondSet(). */
  | {
      readonly kind: "setRequested";
      readonly attributes: readonly AttributeDescriptor[];
      readonly values: readonly Data[];
    }
  /** READ: as getRequested, by short names; methods are called with their parameters. Answer with respondGet(). */
  | { readonly kind: "readRequested"; readonly variables: readonly VariableReference[] }
  /** WRITE and UnconfirmedWrite. Answer with respondSet(). */
  | {
      readonly kind: "writeRequested";
      readonly variables: readonly VariableReference[];
      readonly values: readonly Data[];
    }
  /** Answer with respondAction(). */
  | {
      readonly kind: "actionRequested";
      readonly methods: readonly MethodDescriptor[];
      readonly parameters: readonly (Data | undefined)[];
    }
  /**
   * Answer with respondAccess(): each specification in order, after the one before it. With `breakOnError` what stands
   * behind the first that fails is not executed.
   */
  | {
      readonly kind: "accessRequested";
      readonly specifications: readonly AccessSpecification[];
      readonly data: readonly Data[];
      readonly breakOnError: boolean;
    }
  /** Answer with supply(): the next elements of the stream at `index` of the answers given last. */
  | { readonly kind: "elementsWanted"; readonly index: number }
  /** No stream handed in will be asked for again: close them. */
  | { readonly kind: "streamsReleased" }
  | { readonly kind: "closed"; readonly reason: CloseReason };

export interface ServerAssociation {
  /** Undefined while no association is open. */
  readonly session: NegotiatedAssociation | undefined;
  /** Passes 3 and 4 of a high level authentication are still to come. */
  readonly isPending: boolean;
  /**
   * Protection of the request that is being answered, a sum of `protectionBit`; undefined where the association has no
   * ciphered context, so that nothing can be protected.
   */
  readonly requestProtection: number | undefined;
  /** Before an answer is given: protection bits that this one needs beyond the policy (access rights, bits 5 to 7). */
  protectAnswer(bits: number): void;
  /** An answer is owed by the shell: hold back the next APDU until it was given. */
  readonly isBusy: boolean;
  /** One whole APDU. Never throws for its content. @throws Error when called while busy: a fault of the shell */
  receive(apdu: Uint8Array, now: Instant): readonly AssociationEvent[];
  /** As many answers as attributes were asked for. */
  respondGet(answers: readonly GetAnswer[], now: Instant): readonly AssociationEvent[];
  /** Codes of Data-Access-Result, as many as attributes. */
  respondSet(results: readonly number[], now: Instant): readonly AssociationEvent[];
  respondAction(responses: readonly ActionResponseData[], now: Instant): readonly AssociationEvent[];
  respondAccess(answers: readonly AccessAnswer[], now: Instant): readonly AssociationEvent[];
  /** Elements of a stream, at least one; undefined when it failed or ended early. */
  supply(elements: readonly Data[] | undefined, now: Instant): readonly AssociationEvent[];
  /**
   * Values told unasked with short names; at any time. Nothing goes out where no association is open, the service was
   * not negotiated or the report does not fit a PDU.
   */
  report(report: InformationReport): readonly AssociationEvent[];
  /** When to call expire() next; ask again after every other call. */
  nextDeadline(): Instant | undefined;
  expire(now: Instant): readonly AssociationEvent[];
  /** The connection is gone, or another association took this one's place. */
  close(reason: CloseReason): readonly AssociationEvent[];
}
