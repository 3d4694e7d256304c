/** Ciphering, key wrap, key agreement, signatures and the high level authentication, all as functions of their arguments. */
export {
  areEqualOctets,
  type Certificate,
  type CertificatePurpose,
  isNamedBy,
  isSignedBy,
  readCertificate,
} from "./certificate.js";
export * from "./certificate-request.js";
export * from "./curve-keys.js";
export { systemTitleLength, tagLength } from "./gcm.js";
export * from "./hls.js";
export * from "./key-agreement.js";
export * from "./key-ring.js";
export * from "./key-store.js";
export * from "./key-store-codec.js";
export * from "./key-wrap.js";
export * from "./memory-counters.js";
export type * from "./random-bytes.js";
export * from "./sealed-text.js";
export * from "./secret.js";
export * from "./security-policy.js";
export * from "./signature.js";
export * from "./suite.js";
export * from "./symmetric-key.js";
