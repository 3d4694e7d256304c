/** Why a server could not be spoken with, in words, and what to try next. */
import {
  AssociationRejected,
  type AssociationRejection,
  DecodeError,
  initiateError,
  ObjectListRefused,
  ProtectionFault,
  ServerNotAuthentic,
  ServiceFailed,
  ServiceRefused,
  serviceError,
  userDiagnostic,
} from "../../../cosem/index.js";
import { CommandFailed } from "../command.js";

const d = userDiagnostic;
const diagnosticWords: Readonly<Record<number, string>> = {
  [d.applicationContextNameNotSupported]:
    "the server does not take this context: ciphering wants keys, --protection none none, short names --sn",
  [d.callingApTitleNotRecognized]: "the server does not know our system title: --title",
  [d.callingAeInvocationIdNotRecognized]: "the server does not know this user: --user",
  [d.authenticationMechanismNameNotRecognised]: "the server wants another --mechanism for this client",
  [d.authenticationMechanismNameRequired]: "the server wants authentication: --mechanism, --password",
  [d.authenticationFailure]: "is the client known there, and are password and keys right?",
};

const initiateWords: Readonly<Record<number, string>> = {
  [initiateError.dlmsVersionTooLow]: "the server wants a newer version of DLMS",
  [initiateError.incompatibleConformance]: "client and server have no service in common; --sn may help",
  [initiateError.pduSizeTooShort]: "the server wants a longer --pdu-size",
};

const serviceErrorWords: Readonly<Record<number, string>> = {
  [serviceError.operationNotPossible]: "operation not possible",
  [serviceError.serviceNotSupported]: "service not supported",
  [serviceError.otherReason]: "other reason",
  [serviceError.pduTooLong]: "PDU too long",
  [serviceError.decipheringError]: "deciphering error: are keys, suite and titles right?",
  [serviceError.invocationCounterError]: "invocation counter error",
};

function rejectionWords({ diagnostic, initiateError: fault }: AssociationRejection): string {
  const ofInitiate = fault === undefined ? undefined : initiateWords[fault.value];
  const ofUser = diagnostic.source === "user" ? diagnosticWords[diagnostic.value] : undefined;
  return (
    ofInitiate ?? ofUser ?? "is the client known there, are password and keys right, and is --counter high enough?"
  );
}

/** One line; undefined for what is no answer of a server, but a fault of ours. */
export function whyFailed(error: unknown): string | undefined {
  if (error instanceof CommandFailed || error instanceof ServiceFailed || error instanceof ObjectListRefused) {
    return error.message;
  }
  if (error instanceof AssociationRejected) return `${error.message}: ${rejectionWords(error.rejection)}`;
  if (error instanceof ServiceRefused) {
    const { invocationCounter, serviceError: code } = error.exception;
    const words = serviceErrorWords[code];
    const next = invocationCounter === undefined ? "" : `; it wants ${invocationCounter} or more: --counter`;
    return `${error.message}${words === undefined ? "" : ` (${words})`}${next}`;
  }
  const isTold = [DecodeError, ProtectionFault, ServerNotAuthentic].some((kind) => error instanceof kind);
  return isTold && error instanceof Error ? error.message : undefined;
}

/** For the end of a command. */
export function explained(error: unknown): unknown {
  const words = error instanceof CommandFailed ? undefined : whyFailed(error);
  return words === undefined ? error : new CommandFailed(words);
}
