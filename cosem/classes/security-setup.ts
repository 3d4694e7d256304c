import { attribute, defineInterfaceClass, method } from "../model/interface-class.js";
import {
  array,
  choice,
  enumCode,
  enumeration,
  logicalNameType,
  octetString,
  structure,
  type ValueOf,
} from "../model/types.js";

/** security_policy of version 0: what every message in both directions has to be. */
export const securityPolicyV0 = { nothing: 0, authenticated: 1, encrypted: 2, authenticatedEncrypted: 3 } as const;

export const securitySuiteCode = { suite0: 0, suite1: 1, suite2: 2 } as const;

/** key_id of key_transfer and key_agreement. */
export const transferredKeyId = {
  globalUnicastEncryption: 0,
  globalBroadcastEncryption: 1,
  authentication: 2,
  master: 3,
} as const;

export const certificateEntity = { server: 0, client: 1, certificationAuthority: 2, other: 3 } as const;
export const certificateType = { digitalSignature: 0, keyAgreement: 1, tls: 2, other: 3 } as const;
export const keyPairType = { digitalSignature: 0, keyAgreement: 1, tls: 2 } as const;

/** certificate_info: fields as they stand in the certificate; names are DER. */
export const certificateInfo = structure({
  certificateEntity: enumeration(certificateEntity),
  certificateType: enumeration(certificateType),
  serialNumber: octetString(),
  issuer: octetString(),
  subject: octetString(),
  subjectAltName: octetString(),
});

export type CertificateInfo = ValueOf<typeof certificateInfo>;

const byEntity = structure({
  certificateEntity: enumeration(certificateEntity),
  certificateType: enumeration(certificateType),
  systemTitle: octetString(),
});
const bySerialNumber = structure({ serialNumber: octetString(), issuer: octetString() });

/** Which certificate: by whom and what it is for, or by its number and who issued it. */
export const certificateIdentification = structure({
  type: enumeration({ entity: 0, serialNumber: 1 }),
  options: choice({ entity: byEntity, serialNumber: bySerialNumber }),
});

export type CertificateIdentification = ValueOf<typeof certificateIdentification>;

/** Version 0 knows no master key among those that are transferred. */
const keyTransferV0 = array(
  structure({
    keyId: enumeration({ globalUnicastEncryption: 0, globalBroadcastEncryption: 1, authentication: 2 }),
    keyWrapped: octetString(),
  }),
);
const keyTransfer = array(structure({ keyId: enumeration(transferredKeyId), keyWrapped: octetString() }));

/** key_agreement_data: ephemeral public key x || y, then its signature. */
export const keyAgreementData = array(structure({ keyId: enumeration(transferredKeyId), keyData: octetString() }));

export type KeyAgreementData = ValueOf<typeof keyAgreementData>;

/** IEC 62056-6-2, class_id 64, version 0: suite 0. */
export const SecuritySetupV0 = defineInterfaceClass({
  name: "Security setup",
  classId: 64,
  version: 0,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    securityPolicy: attribute(2, enumeration(securityPolicyV0), { access: "get" }),
    securitySuite: attribute(3, enumeration(securitySuiteCode), { access: "get" }),
    clientSystemTitle: attribute(4, octetString(), { access: "get", dynamic: true }),
    serverSystemTitle: attribute(5, octetString(), { access: "get" }),
  },
  methods: {
    securityActivate: method(1, enumeration(securityPolicyV0)),
    keyTransfer: method(2, keyTransferV0),
  },
});

/** Keys, policy and certificates of an association. IEC 62056-6-2, class_id 64, version 1. */
export const SecuritySetup = defineInterfaceClass({
  name: "Security setup",
  classId: 64,
  version: 1,
  attributes: {
    logicalName: attribute(1, logicalNameType, { access: "get" }),
    /** Bits in an enum: 2 to 4 authenticated, encrypted, signed requests; 5 to 7 the same for responses. */
    securityPolicy: attribute(2, enumCode, { access: "get" }),
    securitySuite: attribute(3, enumeration(securitySuiteCode), { access: "get" }),
    clientSystemTitle: attribute(4, octetString(), { access: "get", dynamic: true }),
    serverSystemTitle: attribute(5, octetString(), { access: "get" }),
    certificates: attribute(6, array(certificateInfo), { access: "get", dynamic: true }),
  },
  methods: {
    securityActivate: method(1, enumCode),
    keyTransfer: method(2, keyTransfer),
    keyAgreement: method(3, keyAgreementData, keyAgreementData),
    generateKeyPair: method(4, enumeration(keyPairType)),
    /** PKCS #10, DER. */
    generateCertificateRequest: method(5, enumeration(keyPairType), octetString()),
    /** X.509 version 3, DER. */
    importCertificate: method(6, octetString()),
    exportCertificate: method(7, certificateIdentification, octetString()),
    removeCertificate: method(8, certificateIdentification),
  },
});
