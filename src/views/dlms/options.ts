import type {
  ApplicationContext,
  Association,
  AssociationSecurity,
  AuthenticationMechanism,
  LogicalDevice,
  Registry,
  Secret,
  ShortNames,
} from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import type { FailedAssociations } from "./failed-associations.js";
import type { RefusalCounters } from "./refusal-counters.js";

/** A DLMS client that may open an association, at every logical device. */
export interface DlmsClient {
  readonly clientSap: number;
  /** Its rights. */
  readonly association: Association;
  /** 0 none, 1 low, 3 to 7 high; mechanism 2 is refused by name: each maker has its own. */
  readonly mechanism: AuthenticationMechanism;
  /** The password of mechanism 1, or the secret of 3, 4 and 6; without one that client cannot open an association. */
  readonly secret?: Secret;
  /** Keys, counters and policy at one logical device; needed for ciphered contexts and mechanisms 5 to 7. */
  security?(device: LogicalDevice): AssociationSecurity | undefined;
  /** Where the association has a user list: whether this user id may open it. */
  isUserPermitted?(userId: number | undefined): boolean;
  /** Default: LN referencing without ciphering. */
  readonly applicationContext?: ApplicationContext;
  /** Services offered; default: all there are. */
  readonly conformance?: number;
}

export interface DlmsLimits {
  /** Further connections are turned away. */
  readonly maxConnections: number;
  /** Longest APDU taken: of the wrapper's header, and negotiated as server-max-receive-pdu-size. */
  readonly maxReceivePduSize: number;
  /** Longest APDU sent to a client that takes any. */
  readonly maxSendPduSize: number;
  /** Longest value taken in blocks. */
  readonly maxAssembledBytes: number;
  /** Blocks of a request taken in a row in general-block-transfer, 1 to 63. */
  readonly blockWindow: number;
  /** Answers kept for a client that does not read; beyond this its requests wait. */
  readonly maxOutputBytes: number;
  /** A frame that does not end within this time ends the connection. */
  readonly halfFrameTimeoutMs: number;
  /** An association, and a connection, without an APDU for this time is closed. */
  readonly inactivityTimeoutMs: number;
}

export const defaultDlmsLimits: DlmsLimits = {
  maxConnections: 1000,
  maxReceivePduSize: 1024,
  maxSendPduSize: 0xffff,
  maxAssembledBytes: 262_144,
  blockWindow: 8,
  maxOutputBytes: 131_072,
  halfFrameTimeoutMs: 10_000,
  inactivityTimeoutMs: 600_000,
};

export interface DlmsViewParts {
  readonly registry: Registry;
  readonly clients: readonly DlmsClient[];
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Title of this server, for ciphered contexts. */
  readonly systemTitle?: Uint8Array;
  readonly limits?: Partial<DlmsLimits>;
  /** Shared by all DLMS doors, which give the same names then; default: this door's own. */
  readonly shortNames?: ShortNames;
  /** Shared by all DLMS doors; default: no address is held back. */
  readonly failures?: FailedAssociations;
  /** Shared by all DLMS doors; default: each view's own. */
  readonly counters?: RefusalCounters;
  readonly logger: Logger;
  readonly clock: Clock;
}
