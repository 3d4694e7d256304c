/** What the command line says of a server, and how to speak with it. */
import { randomBytes } from "node:crypto";
import {
  type AuthenticationMechanism,
  applicationContext,
  type ClientSecurity,
  conformanceBit,
  createMemoryCounters,
  fromHex,
  isSecuritySuite,
  logicalName,
  managementClientSap,
  type ProtectionStyle,
  proposedConformance,
  proposedShortNameConformance,
  protectionBit,
  publicClientSap,
  Secret,
} from "../../../cosem/index.js";
import { openSerial } from "../../transport/index.js";
import { hostAndPort, numberOption } from "../arguments.js";
import { CommandFailed, WrongUse } from "../command.js";
import { type ClientKeys, readKeyFile } from "./key-file.js";
import { attributeOf, DlmsServer, type ServerParts } from "./server.js";

export const connectionOptions = {
  client: { type: "string", default: String(publicClientSap) },
  user: { type: "string" },
  password: { type: "string" },
  mechanism: { type: "string" },
  keys: { type: "string" },
  suite: { type: "string", default: "0" },
  protection: { type: "string" },
  style: { type: "string" },
  title: { type: "string" },
  counter: { type: "string", default: "ask" },
  blocks: { type: "string" },
  sn: { type: "boolean", default: false },
  hdlc: { type: "boolean", default: false },
  serial: { type: "string" },
  baud: { type: "string", default: "9600" },
  physical: { type: "string" },
  timeout: { type: "string", default: "10" },
} as const;

export const connectionUsage = `  --client N         client SAP (default 16, the public client)
  --user N           user id within that client
  --password TEXT    password, or secret of md5, sha1 and sha256; hex: in front of it for octets.
                     DLMS_PASSWORD in the environment keeps it out of the process list
  --mechanism NAME   none, low, md5, sha1, gmac, sha256 or ecdsa (default: low with a password, else none)
  --keys FILE        YAML: unicastKey, authenticationKey, masterKey, dedicatedKey, signingKey, serverSigningKey … in hex
  --suite N          security suite 0, 1 or 2 (default 0)
  --protection WHAT  none, auth, enc or auth+enc (default with keys: auth+enc)
  --style NAME       glo, ded, general-glo, general-ded, general-ciphering or general-signing
  --title HEX        our system title, 16 hex digits; wanted with --keys
  --counter N        our first invocation counter; ask: one more than the server's 0-0:43.1.0*255 (default)
  --blocks N         general-block-transfer with a window of N
  --sn               short names in place of logical ones; the server's object list says which
  --hdlc             HDLC in place of the TCP wrapper; --physical N: lower HDLC address
  --serial PATH      HDLC on a serial line, with --baud N (default 9600), in place of HOST:PORT
  --timeout SECONDS  wait so long for each answer (default 10)`;

type OptionValues = {
  readonly [Name in keyof typeof connectionOptions]?: string | boolean | undefined;
};

const mechanisms: Readonly<Record<string, AuthenticationMechanism>> = {
  none: 0,
  low: 1,
  md5: 3,
  sha1: 4,
  gmac: 5,
  sha256: 6,
  ecdsa: 7,
};

const protections: Readonly<Record<string, number>> = {
  none: 0,
  auth: protectionBit.authenticated,
  enc: protectionBit.encrypted,
  "auth+enc": protectionBit.authenticated | protectionBit.encrypted,
};

const styles: Readonly<Record<string, ProtectionStyle>> = {
  glo: "glo",
  ded: "ded",
  "general-glo": "generalGlo",
  "general-ded": "generalDed",
  "general-ciphering": "generalCiphering",
  "general-signing": "generalSigning",
};

/** @throws WrongUse, (rejects with) CommandFailed where the server's counter cannot be asked for */
export async function serverOf(where: string | undefined, values: OptionValues): Promise<DlmsServer> {
  const text = (name: keyof OptionValues) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const one = <V>(name: keyof OptionValues, table: Readonly<Record<string, V>>): V | undefined => {
    const word = text(name);
    if (word === undefined) return undefined;
    const value = table[word];
    if (value === undefined) throw new WrongUse(`--${name} wants ${Object.keys(table).join(", ")}, not "${word}"`);
    return value;
  };
  const clientSap = numberOption("client", text("client") ?? "16", 1, 126);
  const password = text("password") ?? process.env["DLMS_PASSWORD"];
  const mechanism = one("mechanism", mechanisms);
  const suite = numberOption("suite", text("suite") ?? "0", 0, 2);
  const keyFile = text("keys");
  if (!isSecuritySuite(suite)) throw new WrongUse("--suite wants 0, 1 or 2");
  if (clientSap === managementClientSap && password === undefined && keyFile === undefined) {
    throw new WrongUse("client 1 wants --password or --keys");
  }
  const path = text("serial");
  const baudRate = numberOption("baud", text("baud") ?? "9600", 300, 921_600);
  const line: Pick<ServerParts, "host" | "port" | "openLine"> =
    path === undefined
      ? hostAndPort(where)
      : { host: path, port: 0, openLine: () => openSerial({ path, baudRate, parity: "none" }) };
  const physical = text("physical");
  const base = {
    ...line,
    framing: values.hdlc === true || path !== undefined ? "hdlc" : "wrapper",
    clientSap,
    timeoutMs: numberOption("timeout", text("timeout") ?? "10", 1, 3600) * 1000,
    ...(physical === undefined ? {} : { physicalDevice: numberOption("physical", physical, 0, 16_383) }),
  } as const;
  const security =
    keyFile === undefined && text("title") === undefined
      ? undefined
      : await securityOf(base, {
          keys: keyFile === undefined ? undefined : readKeyFile(keyFile, suite),
          protection: one("protection", protections),
          style: one("style", styles),
          title: text("title"),
          counter: text("counter") ?? "ask",
        });
  const isSn = values.sn === true;
  const { sn, snCiphered } = applicationContext;
  const blocks = text("blocks");
  const user = text("user");
  return new DlmsServer({
    ...base,
    association: {
      ...(password === undefined ? {} : { password: secretOf(password) }),
      ...(mechanism === undefined ? {} : { mechanism }),
      ...(user === undefined ? {} : { userId: numberOption("user", user, 0, 255) }),
      ...(security === undefined ? { random } : { security }),
      ...(blocks === undefined ? {} : generalBlocks(numberOption("blocks", blocks, 1, 63), security, isSn)),
      ...(isSn ? { applicationContext: isCiphered(security) ? snCiphered : sn } : {}),
    },
  });
}

const random = (count: number) => new Uint8Array(randomBytes(count));

const isCiphered = (security: ClientSecurity | undefined) => (security?.protection ?? 0) !== 0;

function generalBlocks(blockWindow: number, security: ClientSecurity | undefined, isSn: boolean) {
  const isGeneral = security?.style?.startsWith("general") === true;
  const bits = conformanceBit.generalBlockTransfer | (isGeneral ? conformanceBit.generalProtection : 0);
  const own = isSn ? proposedShortNameConformance : proposedConformance;
  return { blockWindow, sendsGeneralBlocks: true, proposedConformance: own | bits };
}

function secretOf(text: string): Secret {
  if (!text.startsWith("hex:")) return new Secret(new TextEncoder().encode(text));
  if (!/^hex:([0-9a-fA-F]{2})+$/.test(text)) throw new WrongUse("--password hex: wants pairs of hex digits behind it");
  return new Secret(fromHex(text.slice(4)));
}

interface SecurityWords {
  readonly keys: ClientKeys | undefined;
  readonly protection: number | undefined;
  readonly style: ProtectionStyle | undefined;
  readonly title: string | undefined;
  readonly counter: string;
}

async function securityOf(
  base: Omit<ServerParts, "association">,
  { keys, protection, style, title, counter }: SecurityWords,
): Promise<ClientSecurity> {
  if (title === undefined || !/^[0-9a-fA-F]{16}$/.test(title)) throw new WrongUse("--title wants 16 hex digits");
  const hasKeys = keys?.ring.encryptionKey("unicast") !== undefined;
  const bits = protection ?? (hasKeys ? protectionBit.authenticated | protectionBit.encrypted : 0);
  const signs = style === "generalSigning" ? protectionBit.signed : 0;
  const first = hasKeys ? await firstCounter(base, counter) : 0;
  return {
    ownTitle: fromHex(title),
    keys: keys?.ring ?? noKeys,
    counters: createMemoryCounters(first),
    random,
    protection: bits | signs,
    ...(style === undefined ? {} : { style }),
    ...(keys?.dedicatedKey === undefined ? {} : { dedicatedKey: keys.dedicatedKey }),
  };
}

const noKeys: ClientKeys["ring"] = {
  suite: 0,
  encryptionKey: () => undefined,
  authenticationKey: undefined,
  masterKey: undefined,
  ownSigningKey: undefined,
  peerSigningKey: undefined,
  ownAgreementKey: undefined,
  peerAgreementKey: undefined,
};

const frameCounter = logicalName("0-0:43.1.0*255");

/** A counter must never come twice under one key: what the server saw last is asked for by the public client. */
async function firstCounter(base: Omit<ServerParts, "association">, text: string): Promise<number> {
  if (text !== "ask") return numberOption("counter", text, 0, 0xffffffff);
  const server = new DlmsServer({ ...base, clientSap: publicClientSap, association: {} });
  try {
    const result = await server.get({ sap: 1 }, attributeOf(1, frameCounter, 2));
    if (result.kind === "data" && "value" in result.data && typeof result.data.value === "number") {
      return result.data.value + 1;
    }
    throw new CommandFailed(
      "the server shows the public client no invocation counter (0-0:43.1.0*255); give --counter N",
    );
  } finally {
    await server.close();
  }
}
