/** A client of suite 0 with authenticated encryption, for both ends of the bench: keys, its AARQ, and its frames. */
import {
  type AssociationSecurity,
  createMemoryCounters,
  createProtection,
  encodeAarq,
  encodeInitiateRequest,
  encodeWrapperFrame,
  fromHex,
  type InvocationCounters,
  type KeyRing,
  type Protection,
  SymmetricKey,
  securityPolicyFromVersion0,
  wrapperHeaderLength,
} from "../../../cosem/index.js";

const serverTitle = fromHex("45584d0000000001");
const authenticatedEncryption = 12;

/** The test keys of the transcripts. */
export const benchKeys: KeyRing = {
  suite: 0,
  encryptionKey: (which) => (which === "unicast" ? encryptionKey : undefined),
  authenticationKey: new SymmetricKey(fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf")),
  masterKey: undefined,
  ownSigningKey: undefined,
  peerSigningKey: undefined,
  ownAgreementKey: undefined,
  peerAgreementKey: undefined,
};
const encryptionKey = new SymmetricKey(fromHex("000102030405060708090a0b0c0d0e0f"));

/** Of the server: every request and answer authenticated and encrypted. */
export function serverSecurity(counters: InvocationCounters): AssociationSecurity & { readonly ownTitle: Uint8Array } {
  return {
    ownTitle: serverTitle,
    peerTitle: undefined,
    keys: () => benchKeys,
    counters,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    securityPolicy: securityPolicyFromVersion0(3),
  };
}

/** One client title; its counters go on from one connection to the next. */
export class SecuredLane {
  private readonly title: Uint8Array;
  private readonly protection: Protection;

  /** @param titleHex  8 octets */
  constructor(titleHex: string) {
    this.title = fromHex(titleHex);
    this.protection = createProtection({
      keys: benchKeys,
      counters: createMemoryCounters(1),
      ownTitle: this.title,
      peerTitle: serverTitle,
      random: (count) => new Uint8Array(count),
    });
  }

  /** An AARQ frame, without authentication, its initiate ciphered. */
  opening(ports: { readonly sourceWPort: number; readonly destinationWPort: number }): Uint8Array {
    const initiate = encodeInitiateRequest({
      dedicatedKey: undefined,
      responseAllowed: true,
      proposedQualityOfService: undefined,
      proposedDlmsVersionNumber: 6,
      proposedConformance: 0x001e5d,
      clientMaxReceivePduSize: 0xffff,
    });
    const apdu = encodeAarq({
      hasProtocolVersion1: true,
      applicationContextName: [2, 16, 756, 5, 8, 1, 3],
      callingApTitle: this.title,
      callingAeQualifier: undefined,
      callingAeInvocationId: undefined,
      requiresAuthentication: false,
      mechanismName: undefined,
      callingAuthenticationValue: undefined,
      userInformation: this.closed(initiate),
    });
    return encodeWrapperFrame({ ...ports, apdu });
  }

  /** The same frame, its APDU protected under the next counter. */
  protect(frame: Uint8Array): Uint8Array {
    const head = new DataView(frame.buffer, frame.byteOffset);
    const apdu = this.closed(frame.subarray(wrapperHeaderLength));
    return encodeWrapperFrame({ sourceWPort: head.getUint16(2), destinationWPort: head.getUint16(4), apdu });
  }

  /** The plain APDU of an answer. @throws Error where it does not open */
  open(frame: Uint8Array): Uint8Array {
    const opened = this.protection.unprotect(frame.subarray(wrapperHeaderLength), authenticatedEncryption);
    if (!opened.ok) throw new Error(`an answer that does not open: ${opened.reason}`);
    return opened.apdu;
  }

  private closed(apdu: Uint8Array): Uint8Array {
    const closed = this.protection.protect(apdu, { kind: "glo" }, authenticatedEncryption);
    if (!closed.ok) throw new Error(closed.reason);
    return closed.apdu;
  }
}
