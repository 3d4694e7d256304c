/** What a client may open, what came of it, and why not. */
import type { ApplicationContext, AuthenticationMechanism } from "../apdu/object-identifiers.js";
import type { RandomBytes } from "../security/random-bytes.js";
import type { Secret } from "../security/secret.js";
import type { AssociationSecurity } from "./association-security.js";

/** What one client SAP may open at one server SAP. */
export interface AssociationPolicy {
  readonly clientSap: number;
  readonly serverSap: number;
  readonly applicationContext: ApplicationContext;
  readonly mechanism: AuthenticationMechanism;
  /** The password of mechanism `low`, or what both sides share in MD5, SHA-1 and SHA-256. Read at each AARQ. */
  readonly secret: Secret | undefined;
  /** Services offered, 24 bits; what is negotiated is this AND what the client proposes. */
  readonly conformance: number;
  /** Longest APDU taken from the client. */
  readonly maxReceivePduSize: number;
  /** Longest APDU sent, whatever the client takes (0 of the client means no limit of its own). */
  readonly maxSendPduSize: number;
  /** Sent where ciphering is in play. */
  readonly systemTitle: Uint8Array | undefined;
  /** Needed for ciphered contexts and for GMAC, SHA-256 and ECDSA: without it they are refused. */
  readonly security?: AssociationSecurity | undefined;
  /** Challenges of the high level mechanisms where `security` brings no source of its own. */
  readonly random?: RandomBytes | undefined;
  /** Where the association has a user list: whether this calling-AE-invocation-id may open it. */
  isUserPermitted?(userId: number | undefined): boolean;
}

/** The live values of an open association, as Association LN shows them. */
export interface NegotiatedAssociation {
  readonly clientSap: number;
  readonly serverSap: number;
  readonly applicationContextName: readonly number[];
  readonly authenticationMechanismName: readonly number[];
  readonly conformance: number;
  readonly maxReceivePduSize: number;
  readonly maxSendPduSize: number;
  readonly dlmsVersionNumber: number;
  readonly isAuthenticationPending: boolean;
  /** Of the AARQ where one was wanted. */
  readonly clientSystemTitle?: Uint8Array | undefined;
  /** calling-AE-invocation-id of the AARQ. */
  readonly userId?: number | undefined;
}

/** Why an AARQ was refused; for the log and the counters. */
export type RefusalReason =
  | "malformedAarq"
  | "unknownClient"
  | "unknownServer"
  | "protocolVersion"
  | "applicationContext"
  | "mechanismRequired"
  | "mechanismNotRecognised"
  | "wrongPassword"
  | "badChallenge"
  | "authenticationFailed"
  | "unknownTitle"
  | "unknownUser"
  | "badInitiate"
  | "noInitiate"
  | "unconfirmedAssociation"
  | "dlmsVersionTooLow"
  | "incompatibleConformance"
  | "pduSizeTooShort";
