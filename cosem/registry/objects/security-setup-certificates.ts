/**
 * Methods of Security setup about certificates. A certificate is taken when an authority that is already known has signed
 * it, it is valid now, and its key is on the curve of the suite. Trust anchors come from the settings, not over DLMS, and
 * are not removed over it.
 */
import {
  type CertificateIdentification,
  type CertificateInfo,
  certificateEntity,
  certificateType,
} from "../../classes/index.js";
import {
  areEqualOctets,
  type Certificate,
  type CertificatePurpose,
  isNamedBy,
  isSignedBy,
  type KeyStoreState,
  makeCertificateRequest,
  readCertificate,
  suiteAlgorithms,
} from "../../security/index.js";
import type { Answer, Refused } from "../contract.js";
import { refused } from "../refused.js";
import { commit, type SecurityCall } from "./security-setup-call.js";
import { keyPairOfType } from "./security-setup-keys.js";

const mostCertificates = 64;
const longestCertificate = 8192;

const typeOfPurpose: Readonly<Record<CertificatePurpose, CertificateInfo["certificateType"]>> = {
  signing: certificateType.digitalSignature,
  agreement: certificateType.keyAgreement,
  tls: certificateType.tls,
  other: certificateType.other,
};

export function listCertificates({ certificates }: KeyStoreState, serverTitle: Uint8Array): readonly CertificateInfo[] {
  return certificates.map((certificate) => ({
    certificateEntity: entityOf(certificate, serverTitle),
    certificateType: typeOfPurpose[certificate.purpose],
    serialNumber: certificate.serialNumber,
    issuer: certificate.issuer,
    subject: certificate.subject,
    subjectAltName: certificate.subjectAltName,
  }));
}

function entityOf({ isAuthority, systemTitle }: Certificate, serverTitle: Uint8Array) {
  if (isAuthority) return certificateEntity.certificationAuthority;
  if (systemTitle === undefined) return certificateEntity.other;
  return areEqualOctets(systemTitle, serverTitle) ? certificateEntity.server : certificateEntity.client;
}

/** For the pair that waits for its certificate, else for the one in use. */
export function requestCertificate({ state, serverTitle }: SecurityCall, type: 0 | 1 | 2): Uint8Array | Refused {
  const kind = keyPairOfType[type];
  const pair = state.newKeyPairs[kind] ?? state.keyPairs[kind];
  return pair === undefined ? refused.otherReason : makeCertificateRequest(pair, serverTitle);
}

export function importCertificate(call: SecurityCall, der: Uint8Array): Answer<undefined | Refused> {
  const { store, state, serverTitle } = call;
  const certificate = der.length > longestCertificate ? undefined : readCertificate(der);
  if (certificate === undefined) return refused.otherReason;
  const same = state.certificates.find(({ serialNumber, issuer }) => isNamedBy(certificate, serialNumber, issuer));
  if (same !== undefined) return areEqualOctets(same.der, certificate.der) ? undefined : refused.otherReason;
  if (!isTaken(certificate, call)) return refused.otherReason;
  if (state.certificates.length >= mostCertificates) return refused.temporaryFailure;
  const certificates = [...state.certificates, certificate];
  if (entityOf(certificate, serverTitle) !== certificateEntity.server) return commit(store, { certificates });
  return importOwn(call, certificate);
}

function isTaken(certificate: Certificate, { state, now, takesUntrusted }: SecurityCall): boolean {
  const { curve } = suiteAlgorithms[state.suite];
  const isOnCurve = certificate.publicKey !== undefined && certificate.publicKey.curve === curve;
  if (curve === undefined || (!isOnCurve && !certificate.isAuthority)) return false;
  // Put so that a date which is none is refused.
  if (!(now >= certificate.validFrom && now <= certificate.validTo)) return false;
  return takesUntrusted || state.certificates.some((issuer) => isSignedBy(certificate, issuer));
}

/** A certificate in our own name has to be for a key that we have; a new pair is in use from then on. */
function importOwn({ store, state, serverTitle }: SecurityCall, certificate: Certificate): Answer<undefined | Refused> {
  const { purpose, publicKey } = certificate;
  if (purpose === "other" || publicKey === undefined) return refused.otherReason;
  const isFor = (pairs: KeyStoreState["keyPairs"]) => {
    const pair = pairs[purpose];
    return pair !== undefined && areEqualOctets(pair.publicKey.point, publicKey.point);
  };
  const waiting = state.newKeyPairs[purpose];
  if (waiting !== undefined && isFor(state.newKeyPairs)) {
    const others = Object.entries(state.newKeyPairs).filter(([kind]) => kind !== purpose);
    return commit(store, {
      keyPairs: { ...state.keyPairs, [purpose]: waiting },
      newKeyPairs: Object.fromEntries(others),
      // Those of the pair before it are of no use: its private key is gone.
      certificates: [...state.certificates.filter((other) => !isOwn(other, purpose, serverTitle)), certificate],
    });
  }
  if (!isFor(state.keyPairs)) return refused.otherReason;
  return commit(store, { certificates: [...state.certificates, certificate] });
}

function isOwn(certificate: Certificate, purpose: CertificatePurpose, serverTitle: Uint8Array): boolean {
  return certificate.purpose === purpose && entityOf(certificate, serverTitle) === certificateEntity.server;
}

export function exportCertificate(
  { state, serverTitle }: SecurityCall,
  identification: CertificateIdentification,
): Uint8Array | Refused {
  return find(state, serverTitle, identification)?.der ?? refused.otherReason;
}

export function removeCertificate(
  { store, state, serverTitle }: SecurityCall,
  identification: CertificateIdentification,
): Answer<undefined | Refused> {
  const found = find(state, serverTitle, identification);
  if (found === undefined) return refused.otherReason;
  const isAnchor = found.isAuthority && areEqualOctets(found.issuer, found.subject);
  if (isAnchor) return refused.readWriteDenied;
  return commit(store, { certificates: state.certificates.filter((certificate) => certificate !== found) });
}

/** The newest that fits: an entity may have more than one. Type and options must agree. */
function find(
  { certificates }: KeyStoreState,
  serverTitle: Uint8Array,
  { type, options }: CertificateIdentification,
): Certificate | undefined {
  if (options.choice === "serialNumber") {
    const { serialNumber, issuer } = options.value;
    return type === 1 ? certificates.find((certificate) => isNamedBy(certificate, serialNumber, issuer)) : undefined;
  }
  const { value } = options;
  if (type !== 0) return undefined;
  return certificates.findLast(
    (certificate) =>
      entityOf(certificate, serverTitle) === value.certificateEntity &&
      typeOfPurpose[certificate.purpose] === value.certificateType &&
      areEqualOctets(certificate.systemTitle ?? new Uint8Array(0), value.systemTitle),
  );
}
