/** Settings of DLMS clients and of the security setups that they share. */
import Type from "typebox";
import { count, group, listOf, oneOf, secret, text } from "./kinds.js";

/** Bits of security policy version 1, and the same bits of access rights. */
const protections = [
  "authenticatedRequest",
  "encryptedRequest",
  "signedRequest",
  "authenticatedResponse",
  "encryptedResponse",
  "signedResponse",
] as const;

export type DlmsProtection = (typeof protections)[number];

const symmetricKey = (help: string) =>
  Type.Optional(
    secret({
      pattern: "^([0-9a-fA-F]{32}|[0-9a-fA-F]{64})$",
      wanted: "32 hex digits, or 64 in suite 2",
      restart: true,
      help,
    }),
  );

const privateKey = (help: string) =>
  Type.Optional(
    secret({
      pattern: "^([0-9a-fA-F]{64}|[0-9a-fA-F]{96})$",
      wanted: "64 hex digits in suite 1, 96 in suite 2",
      restart: true,
      help,
    }),
  );

export const securitySetup = group(
  {
    instance: count({
      default: 0,
      min: 0,
      max: 255,
      restart: true,
      help: "Value group E of its object, 0-0:43.0.e*255.",
    }),
    suite: oneOf([0, 1, 2], {
      default: 0,
      restart: true,
      help: "Security suite: 0 AES-128; 1 AES-128 with P-256 and SHA-256; 2 AES-256 with P-384 and SHA-384.",
    }),
    policy: listOf(oneOf(protections, { help: "One kind of protection." }), {
      maxItems: 6,
      restart: true,
      help: "How each message must be protected. security_activate can only add to it.",
    }),
    unicastKey: symmetricKey(
      "Global unicast encryption key (GUEK). A key that key_transfer brought stands in its place.",
    ),
    broadcastKey: symmetricKey("Global broadcast encryption key (GBEK)."),
    authenticationKey: symmetricKey("Global authentication key (GAK)."),
    masterKey: symmetricKey("Key encrypting key (KEK), under which other keys are transferred."),
    signingKey: privateKey(
      "Private key for signatures and mechanism ecdsa. A pair generated over DLMS stands in its place.",
    ),
    agreementKey: privateKey("Private key for key agreement."),
    certificates: listOf(
      text({
        pattern: "^[A-Za-z0-9+/=\\s-]+$",
        wanted: "PEM, or its base64",
        minLength: 100,
        maxLength: 16_384,
        restart: true,
        help: "An X.509 certificate.",
      }),
      {
        maxItems: 32,
        restart: true,
        help: "Certificates of authorities that are trusted, and of clients: their common name is the system title.",
      },
    ),
  },
  "Keys and policy that DLMS clients share.",
);

/** Rights of single members, in place of what the rule gives all of them. */
const memberRights = <const A extends string>(
  what: string,
  accesses: readonly A[],
  index: { readonly min: number; readonly max: number },
) =>
  listOf(
    group(
      {
        index: count({ ...index, restart: true, help: `Index of the ${what}.` }),
        access: listOf(oneOf(accesses, { help: "One right." }), {
          maxItems: accesses.length,
          restart: true,
          help: "What is allowed; empty: nothing. No rule gives more than there is.",
        }),
        protection: listOf(oneOf(protections, { help: "One kind of protection." }), {
          maxItems: 6,
          restart: true,
          help: "Protection that is asked for.",
        }),
      },
      `Rights of one ${what}.`,
    ),
    { maxItems: 128, restart: true, help: `Single ${what}s with rights of their own, in place of the above.` },
  );

const accessRule = group(
  {
    device: Type.Optional(
      oneOf(["management", "meter"], { restart: true, help: "Kind of logical device; without it both." }),
    ),
    classId: Type.Optional(count({ min: 0, max: 65_535, restart: true, help: "Interface class; without it all." })),
    logicalName: Type.Optional(
      text({
        pattern: "^([a-z]|\\d{1,3})-([a-z]|\\d{1,3}):(([a-z]|\\d{1,3})\\.){2}([a-z]|\\d{1,3})\\*([a-z]|\\d{1,3})$",
        wanted: "A-B:C.D.E*F, a small letter for any value",
        restart: true,
        help: "Logical name, a small letter for any value of its group: 0-0:43.1.e*255.",
      }),
    ),
    access: oneOf(["none", "visible", "read", "declared"], {
      restart: true,
      help: "none: not in the object list; visible: listed alone; read: all that may be read; declared: all there is.",
    }),
    protection: listOf(oneOf(protections, { help: "One kind of protection." }), {
      maxItems: 6,
      restart: true,
      help: "Protection that these objects ask for beyond the policy.",
    }),
    attributes: memberRights("attribute", ["read", "write"], { min: 1, max: 127 }),
    methods: memberRights("method", ["invoke"], { min: 1, max: 127 }),
  },
  "Which objects: the first rule that fits decides, none is no access.",
);

const user = group(
  {
    id: count({ min: 0, max: 255, restart: true, help: "User id, as the client names it when it associates." }),
    name: text({ maxLength: 64, restart: true, help: "Who that is." }),
  },
  "A user of the client.",
);

export const dlmsClient = group(
  {
    sap: count({ min: 1, max: 126, restart: true, help: "Client SAP. 1 is management, 16 the public client." }),
    name: text({ maxLength: 32, restart: true, help: "Name in logs and of the association." }),
    referencing: oneOf(["ln", "sn"], { default: "ln", restart: true, help: "By logical names or by short names." }),
    ciphering: oneOf(["none", "ciphered"], {
      default: "none",
      restart: true,
      help: "ciphered: application context with ciphering; it takes keys of a security setup.",
    }),
    mechanism: oneOf(["none", "low", "md5", "sha1", "gmac", "sha256", "ecdsa"], {
      default: "low",
      restart: true,
      help: "Authentication. gmac, sha256 and ecdsa take a security setup.",
    }),
    secret: Type.Optional(
      secret({
        minLength: 8,
        maxLength: 64,
        restart: true,
        help: "Password of mechanism low, or secret of md5, sha1 and sha256.",
      }),
    ),
    securitySetup: Type.Optional(count({ min: 0, max: 255, restart: true, help: "Instance of its security setup." })),
    systemTitle: Type.Optional(
      text({
        pattern: "^[0-9a-fA-F]{16}$",
        wanted: "16 hex digits",
        restart: true,
        help: "System title of the client; without it any is taken.",
      }),
    ),
    rights: oneOf(["public", "reader", "management", "rules"], {
      default: "reader",
      restart: true,
      help: "public: identity and clock; reader: reads all; management: all there is; rules: those below alone.",
    }),
    rules: listOf(accessRule, {
      maxItems: 1000,
      restart: true,
      help: "Rights of objects, in order, before the above.",
    }),
    users: listOf(user, { maxItems: 256, restart: true, help: "Users who may open it; empty: nobody is asked for." }),
  },
  "A DLMS client beside the public one and the one of managementPassword.",
);
