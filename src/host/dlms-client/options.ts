/** What the command line says of a server, and how to speak with it. */
import { readFileSync } from "node:fs";
import {
  type AuthenticationMechanism,
  applicationContext,
  type ClientSecurity,
  conformanceBit,
  fromHex,
  managementClientSap,
  proposedConformance,
  proposedShortNameConformance,
  publicClientSap,
  Secret,
} from "../../../cosem/index.js";
import { openSerial } from "../../transport/index.js";
import { hostAndPort, numberOption } from "../arguments.js";
import { WrongUse } from "../command.js";
import { random, securityOf, securityOptions, securityUsage } from "./security-options.js";
import { DlmsServer, type ServerParts } from "./server.js";
import { choice, type OptionValues, text } from "./words.js";

export const connectionOptions = {
  client: { type: "string", default: String(publicClientSap) },
  server: { type: "string", default: "1" },
  user: { type: "string" },
  password: { type: "string" },
  "password-file": { type: "string" },
  mechanism: { type: "string" },
  challenge: { type: "string" },
  ...securityOptions,
  blocks: { type: "string" },
  "pdu-size": { type: "string" },
  sn: { type: "boolean", default: false },
  hdlc: { type: "boolean", default: false },
  physical: { type: "string" },
  "address-length": { type: "string" },
  serial: { type: "string" },
  baud: { type: "string", default: "9600" },
  timeout: { type: "string", default: "10" },
} as const;

export const connectionUsage = `  --client N         client SAP (default 16, the public client)
  --server N         server SAP that knows the others (default 1)
  --user N           user id within that client
  --password TEXT    password, or secret of md5, sha1 and sha256; hex: in front of it for octets. --password-file FILE or
                     DLMS_PASSWORD in the environment keep it out of the process list
  --mechanism NAME   none, low, md5, sha1, gmac, sha256 or ecdsa (default: low with a password, else none)
  --challenge N      octets of our challenge, 8 to 64 (default 16)
${securityUsage}
  --blocks N         general-block-transfer with a window of N
  --pdu-size N       longest APDU that we take (default 65535)
  --sn               short names in place of logical ones; the server's object list says which
  --hdlc             HDLC in place of the TCP wrapper; --physical N: lower HDLC address; --address-length 1, 2 or 4 octets
  --serial PATH      HDLC on a serial line, with --baud N (default 9600), in place of HOST:PORT
  --timeout SECONDS  wait so long for the connection and for each answer (default 10)`;

const mechanisms: Readonly<Record<string, AuthenticationMechanism>> = {
  none: 0,
  low: 1,
  md5: 3,
  sha1: 4,
  gmac: 5,
  sha256: 6,
  ecdsa: 7,
};

const addressLengths: Readonly<Record<string, 1 | 2 | 4>> = { "1": 1, "2": 2, "4": 4 };

/**
 * @param note  takes words on how long work is getting on
 * @throws WrongUse, (rejects with) CommandFailed where the server's counter cannot be asked for
 */
export async function serverOf(
  where: string | undefined,
  values: OptionValues,
  note: (words: string) => void,
): Promise<DlmsServer> {
  const base = { ...reachOf(where, values), note };
  const password = passwordOf(values);
  const mechanism = choice(values, "mechanism", mechanisms);
  const challengeLength = optionalNumber(values, "challenge", 8, 64);
  const blockWindow = optionalNumber(values, "blocks", 1, 63);
  const maxReceivePduSize = optionalNumber(values, "pdu-size", 12, 0xffff);
  const userId = optionalNumber(values, "user", 0, 255);
  const security = await securityOf(base, values);
  if (base.clientSap === managementClientSap && [password, mechanism, security].every((one) => one === undefined)) {
    throw new WrongUse("client 1 wants a password, keys or --mechanism");
  }
  const isSn = values["sn"] === true;
  const { sn, snCiphered } = applicationContext;
  return new DlmsServer({
    ...base,
    association: {
      ...(password && { password }),
      ...(mechanism !== undefined && { mechanism }),
      ...(userId !== undefined && { userId }),
      ...(challengeLength && { challengeLength }),
      ...(maxReceivePduSize && { maxReceivePduSize }),
      ...(security === undefined ? { random } : { security }),
      ...(blockWindow && generalBlocks(blockWindow, security, isSn)),
      ...(isSn && { applicationContext: isCiphered(security) ? snCiphered : sn }),
    },
  });
}

type Reach = Omit<ServerParts, "association" | "note">;

function reachOf(where: string | undefined, values: OptionValues): Reach {
  const path = text(values, "serial");
  const baudRate = numberOption("baud", text(values, "baud") ?? "9600", 300, 921_600);
  const line: Pick<ServerParts, "host" | "port" | "openLine"> =
    path === undefined
      ? hostAndPort(where)
      : { host: path, port: 0, openLine: () => openSerial({ path, baudRate, parity: "none" }) };
  const physicalDevice = optionalNumber(values, "physical", 0, 16_383);
  const addressLength = choice(values, "address-length", addressLengths);
  return {
    ...line,
    framing: values["hdlc"] === true || path !== undefined ? "hdlc" : "wrapper",
    clientSap: numberOption("client", text(values, "client") ?? "16", 1, 126),
    homeSap: numberOption("server", text(values, "server") ?? "1", 0, 0xffff),
    timeoutMs: numberOption("timeout", text(values, "timeout") ?? "10", 1, 3600) * 1000,
    ...(physicalDevice !== undefined && { physicalDevice }),
    ...(addressLength && { addressLength }),
  };
}

function optionalNumber(values: OptionValues, name: string, least: number, most: number): number | undefined {
  const word = text(values, name);
  return word === undefined ? undefined : numberOption(name, word, least, most);
}

const isCiphered = (security: ClientSecurity | undefined) => (security?.protection ?? 0) !== 0;

function generalBlocks(blockWindow: number, security: ClientSecurity | undefined, isSn: boolean) {
  const isGeneral = security?.style?.startsWith("general") === true;
  const bits = conformanceBit.generalBlockTransfer | (isGeneral ? conformanceBit.generalProtection : 0);
  const own = isSn ? proposedShortNameConformance : proposedConformance;
  return { blockWindow, sendsGeneralBlocks: true, proposedConformance: own | bits };
}

function passwordOf(values: OptionValues): Secret | undefined {
  const path = text(values, "password-file");
  const word = text(values, "password") ?? (path === undefined ? process.env["DLMS_PASSWORD"] : firstLineOf(path));
  if (word === undefined) return undefined;
  if (!word.startsWith("hex:")) return new Secret(new TextEncoder().encode(word));
  if (!/^hex:([0-9a-fA-F]{2})+$/.test(word)) throw new WrongUse("--password hex: wants pairs of hex digits behind it");
  return new Secret(fromHex(word.slice(4)));
}

function firstLineOf(path: string): string {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/, 1)[0] ?? "";
  } catch (error) {
    throw new WrongUse(`--password-file ${path}: ${(error as Error).message}`);
  }
}
