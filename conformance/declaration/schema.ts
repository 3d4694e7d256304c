/**
 * What the owner of a server declares of it: the file behind `--declare`. Cases that need something not declared are
 * inapplicable. Every group refuses keys that it does not know.
 */
import Type, { type Static } from "typebox";
import { conformanceBit } from "../../cosem/index.js";

const closed = { additionalProperties: false } as const;
const hex = (about: string) => Type.String({ pattern: "^([0-9a-fA-F]{2})+$", description: about });
const logicalNameText = Type.String({ pattern: "^\\d+-\\d+:\\d+\\.\\d+\\.\\d+(\\*\\d+)?$" });
const sap = Type.Integer({ minimum: 1, maximum: 65_535 });
const clientSap = Type.Integer({ minimum: 1, maximum: 126 });

export const contextNames = ["ln", "sn", "ln-ciphered", "sn-ciphered"] as const;
export const mechanismNames = ["none", "low", "high", "md5", "sha1", "gmac", "sha256", "ecdsa"] as const;
export const policyNames = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;
export const styleNames = ["glo", "ded", "general-glo", "general-ded"] as const;

const connection = Type.Object(
  {
    profile: Type.Optional(Type.Enum(["wrapper", "hdlc"])),
    /** Wins over HOST:PORT of the command line's default, loses against what is given there. */
    host: Type.Optional(Type.String({ minLength: 1 })),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    /** In place of host and port, with HDLC: 8 data bits, no parity, 1 stop bit. */
    serial: Type.Optional(
      Type.Object(
        { path: Type.String({ minLength: 1 }), baudRate: Type.Optional(Type.Integer({ minimum: 300 })) },
        closed,
      ),
    ),
    /** How long an answer may take; default 2. */
    timeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 600 })),
    hdlc: Type.Optional(
      Type.Object(
        {
          /** Octets of the server's address; default 1, or as many as its SAP and physical address ask for. */
          addressLength: Type.Optional(Type.Enum([1, 2, 4])),
          physicalAddress: Type.Optional(Type.Integer({ minimum: 0, maximum: 16_383 })),
          maxInformationField: Type.Optional(Type.Integer({ minimum: 32, maximum: 2030 })),
          windowSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 7 })),
          /** After so long without a frame the server drops the link. Tested up to 10 s. */
          inactivityTimeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
          /** After so long inside a frame the server drops the frame. Tested up to 10 s. */
          interOctetTimeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
        },
        closed,
      ),
    ),
    /** After so long without an APDU the server closes the connection. Tested up to 15 s. */
    inactivityTimeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** After so long a frame that does not end closes the connection. Tested up to 15 s. */
    halfFrameTimeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  closed,
);

const security = Type.Object(
  {
    suite: Type.Enum([0, 1, 2]),
    /** How every message of this association is protected. Default authenticated-encrypted. */
    policy: Type.Optional(Type.Enum(policyNames)),
    /** Which APDUs carry it. Default glo. */
    style: Type.Optional(Type.Enum(styleNames)),
    clientSystemTitle: hex("8 octets"),
    /** Default: what the AARE brings. */
    serverSystemTitle: Type.Optional(hex("8 octets")),
    encryptionKey: Type.Optional(hex("global unicast encryption key")),
    broadcastKey: Type.Optional(hex("global broadcast encryption key")),
    authenticationKey: Type.Optional(hex("16 octets, in suite 2: 32")),
    masterKey: Type.Optional(hex("key encrypting key")),
    clientSigningKey: Type.Optional(hex("private key: the scalar")),
    serverSigningKey: Type.Optional(hex("public key: x || y")),
    clientAgreementKey: Type.Optional(hex("private key: the scalar")),
    serverAgreementKey: Type.Optional(hex("public key: x || y")),
    /** The client's next invocation counter, or the object (Data, attribute 2) from which the public client reads it. */
    invocationCounter: Type.Optional(Type.Union([Type.Integer({ minimum: 0, maximum: 0xffff_ffff }), logicalNameText])),
    /** The server takes a dedicated key. */
    dedicatedKey: Type.Optional(Type.Boolean()),
    /** Security setup object of this association; default: what its security_setup_reference says. */
    securitySetup: Type.Optional(logicalNameText),
  },
  closed,
);

const association = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1 })),
    clientSap,
    /** SAPs of the logical devices where it exists; default all declared ones. */
    logicalDevices: Type.Optional(Type.Array(sap, { minItems: 1 })),
    context: Type.Optional(Type.Enum(contextNames)),
    mechanism: Type.Optional(Type.Enum(mechanismNames)),
    /** Password of `low`, secret of `md5`, `sha1`, `sha256`; as text, or in hex. */
    secret: Type.Optional(Type.String({ minLength: 1 })),
    secretHex: Type.Optional(hex("secret")),
    /** A user of the server's user list; sent as calling-AE-invocation-id. */
    userId: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    /** Services that the server offers here. */
    conformance: Type.Optional(Type.Array(Type.Enum(Object.keys(conformanceBit)))),
    /** server-max-receive-pdu-size. */
    maxReceivePduSize: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    security: Type.Optional(security),
  },
  closed,
);

const objectAt = Type.Object({ logicalDevice: Type.Optional(sap), object: logicalNameText }, closed);

const extras = Type.Object(
  {
    /** Profile generic object of the profile cases; default: the first with a clock, two columns and five rows. */
    profile: Type.Optional(objectAt),
    /** Attributes that may be written (the value read, and wrong types); `all`: every one that rights name. */
    writable: Type.Optional(
      Type.Union([
        Type.Literal("all"),
        Type.Array(
          Type.Object(
            { logicalDevice: Type.Optional(sap), object: logicalNameText, attribute: Type.Integer({ minimum: 2 }) },
            closed,
          ),
        ),
      ]),
    ),
    /** Notifications: where the harness listens, and the push setup whose push() it invokes to get one. */
    push: Type.Optional(
      Type.Object(
        {
          listenHost: Type.Optional(Type.String()),
          listenPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
          logicalDevice: Type.Optional(sap),
          /** Default: wait for one that comes by itself. */
          pushSetup: Type.Optional(logicalNameText),
          clientSap: Type.Optional(clientSap),
          protected: Type.Optional(Type.Boolean()),
          timeoutSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 600 })),
        },
        closed,
      ),
    ),
    /** Keys may be transferred (each key is replaced by itself, and once by another and back). */
    keyTransfer: Type.Optional(Type.Boolean()),
    /** The security policy may be strengthened: it cannot be weakened again. */
    policyActivation: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const declarationSchema = Type.Object(
  {
    connection: Type.Optional(connection),
    /** Default: SAP 1 alone. */
    logicalDevices: Type.Optional(
      Type.Array(Type.Object({ sap, name: Type.Optional(Type.String({ minLength: 1, maxLength: 16 })) }, closed), {
        minItems: 1,
      }),
    ),
    associations: Type.Array(association, { minItems: 1 }),
    extras: Type.Optional(extras),
  },
  closed,
);

/** The file as it stands there, checked by the schema alone. */
export type DeclarationFile = Static<typeof declarationSchema>;
