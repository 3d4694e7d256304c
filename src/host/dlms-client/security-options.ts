/** What the command line says of keys, titles and protection. */
import { randomBytes } from "node:crypto";
import {
  AssociationRejected,
  type ClientSecurity,
  createMemoryCounters,
  type Data,
  fromHex,
  type GeneralKeyChoice,
  isSecuritySuite,
  type LogicalName,
  noKeys,
  type ProtectionStyle,
  parseLogicalName,
  protectionBit,
  publicClientSap,
} from "../../../cosem/index.js";
import { numberOption } from "../arguments.js";
import { CommandFailed, WrongUse } from "../command.js";
import { keysVariable, readKeys } from "./keys.js";
import { attributeOf, DlmsServer, type ServerParts } from "./server.js";
import { choice, type OptionValues, text } from "./words.js";

export const securityOptions = {
  keys: { type: "string" },
  key: { type: "string", multiple: true },
  suite: { type: "string", default: "0" },
  protection: { type: "string" },
  style: { type: "string" },
  "general-key": { type: "string" },
  title: { type: "string" },
  "server-title": { type: "string" },
  counter: { type: "string", default: "ask" },
  "counter-object": { type: "string", default: "0-0:43.1.0*255" },
} as const;

export const securityUsage = `  --keys FILE        YAML: unicastKey, authenticationKey, broadcastKey, masterKey, dedicatedKey, signingKey,
                     serverSigningKey, agreementKey, serverAgreementKey, each in hex (private: the scalar, public: x || y)
                     DLMS_KEYS in the environment: the same in one line, {unicastKey: …, authenticationKey: …}
  --key NAME=HEX     one such key; all on this machine may see it in the process list
  --suite N          security suite 0, 1 or 2 (default 0)
  --protection WHAT  none, auth, enc or auth+enc (default with keys: auth+enc)
  --style NAME       glo, ded, general-glo, general-ded, general-ciphering or general-signing (default glo, or ded with
                     a dedicatedKey)
  --general-key NAME of general-ciphering: unicast, broadcast, wrapped, one-pass or static (default unicast)
  --title HEX        our system title, 16 hex digits; wanted with keys
  --server-title HEX that of the server (default: the one that it names)
  --counter N        our first invocation counter; ask: the public client reads the server's and goes on behind it (default)
  --counter-object NAME  where it is read (default 0-0:43.1.0*255)`;

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

const generalKeys: Readonly<Record<string, GeneralKeyChoice>> = {
  unicast: { kind: "unicast" },
  broadcast: { kind: "broadcast" },
  wrapped: { kind: "wrapped", reuse: undefined },
  "one-pass": { kind: "onePass" },
  static: { kind: "static" },
};

export const random = (count: number) => new Uint8Array(randomBytes(count));

/**
 * @param base  how the server is reached, for asking it for the counter
 * @returns undefined where neither keys nor a title are given
 * @throws WrongUse, (rejects with) CommandFailed where the server's counter cannot be asked for
 */
export async function securityOf(
  base: Omit<ServerParts, "association">,
  values: OptionValues,
): Promise<ClientSecurity | undefined> {
  const suite = numberOption("suite", text(values, "suite") ?? "0", 0, 2);
  if (!isSecuritySuite(suite)) throw new WrongUse("--suite wants 0, 1 or 2");
  const words = values["key"];
  const keys = readKeys(
    { file: text(values, "keys"), environment: process.env[keysVariable], words: Array.isArray(words) ? words : [] },
    suite,
  );
  const protection = choice(values, "protection", protections);
  const style = choice(values, "style", styles);
  const generalKey = choice(values, "general-key", generalKeys);
  const title = titleOf(values, "title");
  const peerTitle = titleOf(values, "server-title");
  if (keys === undefined && title === undefined) return undefined;
  if (title === undefined) throw new WrongUse("--title wants 16 hex digits");
  const hasKeys = keys?.ring.encryptionKey("unicast") !== undefined;
  const bits = protection ?? (hasKeys ? protectionBit.authenticated | protectionBit.encrypted : 0);
  const signed = style === "generalSigning" ? protectionBit.signed : 0;
  const counterName = nameOf(text(values, "counter-object") ?? "");
  return {
    ownTitle: title,
    keys: keys?.ring ?? noKeys,
    counters: createMemoryCounters(
      hasKeys ? await firstCounter(base, text(values, "counter") ?? "ask", counterName) : 0,
    ),
    random,
    protection: bits | signed,
    ...(peerTitle && { peerTitle }),
    ...(style && { style }),
    ...(generalKey && { generalKey }),
    ...(keys?.dedicatedKey && { dedicatedKey: keys.dedicatedKey }),
  };
}

function titleOf(values: OptionValues, name: string): Uint8Array | undefined {
  const word = text(values, name);
  if (word === undefined) return undefined;
  if (!/^[0-9a-fA-F]{16}$/.test(word)) throw new WrongUse(`--${name} wants 16 hex digits`);
  return fromHex(word);
}

function nameOf(word: string): LogicalName {
  const name = parseLogicalName(word);
  if (name === undefined) throw new WrongUse(`--counter-object wants A-B:C.D.E*F, not "${word}"`);
  return name;
}

const lastCounter = 0xffff_ffff;

/** A counter must never come twice under one key: what the server saw last is asked for by the public client. */
async function firstCounter(base: Omit<ServerParts, "association">, word: string, name: LogicalName): Promise<number> {
  if (word !== "ask") return numberOption("counter", word, 0, lastCounter);
  const server = new DlmsServer({ ...base, clientSap: publicClientSap, association: {} });
  try {
    const result = await server.get({ sap: base.homeSap }, attributeOf(1, name, 2));
    const last = result.kind === "data" ? numberOf(result.data) : undefined;
    if (last === undefined) {
      throw new CommandFailed(`the server shows the public client no invocation counter at ${name}; give --counter N`);
    }
    if (last >= lastCounter)
      throw new CommandFailed("the invocation counter of these keys is used up: they need changing");
    return last + 1;
  } catch (error) {
    if (!(error instanceof AssociationRejected)) throw error;
    throw new CommandFailed(`the server lets no public client read the invocation counter; give --counter N`);
  } finally {
    await server.close();
  }
}

function numberOf(data: Data): number | undefined {
  return "value" in data && typeof data.value === "number" ? data.value : undefined;
}
