/** What the services of one open association share, and what they have in common. */
import { conformanceBit } from "../apdu/conformance.js";
import type { AttributeDescriptor } from "../apdu/descriptor.js";
import { encodeExceptionResponse, serviceError, stateError } from "../apdu/exception-response.js";
import { dataAccessResult } from "../apdu/results.js";
import { serviceClassConfirmed } from "../apdu/tags.js";
import type { ByteWriter } from "../codec/bytes.js";
import type { NegotiatedAssociation } from "./association-policy.js";
import type { LongAnswer } from "./outgoing-body.js";
import type { AssociationEvent } from "./server-events.js";

export interface ServiceContext {
  readonly session: NegotiatedAssociation;
  /** Longest plain APDU that goes out whole once it is protected as the present request wants it. */
  readonly maxPlainSize: number;
  /** Longest answer of SET, ACTION and ACCESS: more than a PDU where general-block-transfer carries it. */
  readonly maxWholeAnswer: number;
  /** Longest answer of a GET without its own blocks. */
  readonly maxWholeGet: number;
  /** Sends an answer of any length by general-block-transfer; undefined where that is not to be used now. */
  readonly sendLong: ((answer: LongAnswer) => readonly AssociationEvent[]) | undefined;
  /** Answers are written here; what a `send` event shows holds until it is written again. */
  readonly scratch: ByteWriter;
  /** Longest value taken in blocks. */
  readonly maxAssembledBytes: number;
}

const exceptionEvents = {
  notAssociated: exceptionEvent(stateError.serviceNotAllowed, serviceError.operationNotPossible),
  notSupported: exceptionEvent(stateError.serviceNotAllowed, serviceError.serviceNotSupported),
  otherReason: exceptionEvent(stateError.serviceNotAllowed, serviceError.otherReason),
  deciphering: exceptionEvent(stateError.serviceNotAllowed, serviceError.decipheringError),
  pduTooLong: exceptionEvent(stateError.serviceNotAllowed, serviceError.pduTooLong),
} as const;

function exceptionEvent(state: number, service: number): AssociationEvent {
  const exception = { stateError: state, serviceError: service, invocationCounter: undefined };
  return { kind: "send", apdu: encodeExceptionResponse(exception) };
}

/** The counter of a message was not greater than the last one; `expected` is the least that would do. */
export function rejectCounter(expected: number, detail: string): readonly AssociationEvent[] {
  const exception = {
    stateError: stateError.serviceNotAllowed,
    serviceError: serviceError.invocationCounterError,
    invocationCounter: expected,
  };
  return [
    { kind: "send", apdu: encodeExceptionResponse(exception) },
    { kind: "rejected", detail },
  ];
}

/** An exception-response, and why in words. */
export function reject(exception: keyof typeof exceptionEvents, detail: string): readonly AssociationEvent[] {
  return [exceptionEvents[exception], { kind: "rejected", detail }];
}

export function isNegotiated(context: ServiceContext, bit: number): boolean {
  return (context.session.conformance & bit) !== 0;
}

export function isConfirmed(invokeIdAndPriority: number): boolean {
  return (invokeIdAndPriority & serviceClassConfirmed) !== 0;
}

/** What the registry need not be asked about, because the association did not negotiate it. */
export function refusalOf(context: ServiceContext, attribute: AttributeDescriptor, attribute0Bit: number) {
  if (attribute.attributeIndex === 0 && !isNegotiated(context, attribute0Bit)) return dataAccessResult.readWriteDenied;
  if (attribute.selectiveAccess !== undefined && !isNegotiated(context, conformanceBit.selectiveAccess)) {
    return dataAccessResult.readWriteDenied;
  }
  return undefined;
}

/**
 * Puts answers back among the refusals that were known beforehand.
 * @param refusals  one place an item; undefined where the next answer belongs
 */
export function mergeAnswers<A>(
  refusals: readonly (number | undefined)[],
  answers: readonly A[],
  refused: (code: number) => A,
): readonly A[] {
  let next = 0;
  const missing = refused(dataAccessResult.otherReason);
  return refusals.map((refusal) => (refusal === undefined ? (answers[next++] ?? missing) : refused(refusal)));
}

/** Longest header of a block APDU: tags 3, last 1, number 4, choice 1, length 3. */
const longestBlockHeader = 12;
/** Left free in a block where the PDU has room: the block borders head-ends know, and room for a longer header. */
const blockReserve = 16;

/** Bytes of raw data in one block, so that the block keeps to the PDU size. */
export function blockSize(maxPduSize: number): number {
  if (maxPduSize >= 2 * blockReserve) return maxPduSize - blockReserve;
  return Math.max(1, maxPduSize - (longestBlockHeader - 2));
}
