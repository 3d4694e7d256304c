import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  checkLicence,
  type Feature,
  faultWords,
  features,
  type Licence,
  parseIssuerKey,
  performances,
  writeLicence,
} from "../../services/licences/index.js";
import type { LicenceList } from "../../views/rest/contract.js";
import { type Command, CommandFailed, WrongUse } from "../command.js";
import { keepLicence, licenceFolder } from "../licences.js";
import { createRestClient, localAccessPath, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway licence keygen --out NAME
       cosem-gateway licence issue --key NAME.pem --serial N --company C --name N [--description D]
                             [--performance ${performances.join("|")}] [--features ${features.join(",")}]
                             [--valid-through YYYY-MM-DD] [--subscription-end YYYY-MM-DD] --out FILE
       cosem-gateway licence show FILE [--issuer KEY --serial N]
       cosem-gateway licence show [--data DIR]        of a running gateway
       cosem-gateway licence install FILE [--data DIR]

  keygen    makes NAME.pem (private, 0600) and NAME.pub.pem, and tells the text for licence.issuerPublicKey
  issue     signs a licence for the gateway with this serial number
  install   over REST where the gateway runs, else into its data directory
${restClientUsage}`;

type Values = Readonly<Record<string, string | undefined>>;

export const command: Command = {
  usage,
  async run(words) {
    const text = { type: "string" } as const;
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        out: text,
        key: text,
        serial: text,
        company: text,
        name: text,
        description: text,
        performance: text,
        features: text,
        "valid-through": text,
        "subscription-end": text,
        issuer: text,
      },
      allowPositionals: true,
    });
    const [action, file] = positionals;
    if (action === "keygen") keygen(wanted(values, "out"));
    else if (action === "issue") issue(values);
    else if (action === "show") await show(file, values);
    else if (action === "install" && file !== undefined) await install(file, values);
    else throw new WrongUse("the actions are keygen, issue, show and install FILE");
    return 0;
  },
};

function keygen(name: string): void {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const flag = "wx";
  try {
    writeFileSync(`${name}.pem`, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag });
    writeFileSync(`${name}.pub.pem`, publicKey.export({ type: "spki", format: "pem" }), { flag });
  } catch (error) {
    throw new CommandFailed(`cannot write the key: ${(error as Error).message}`);
  }
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  process.stdout.write(`${raw.toString("base64")}\n`);
}

function issue(values: Values): void {
  const serial = wanted(values, "serial");
  if (!/^\d{8}$/.test(serial)) throw new WrongUse("--serial wants 8 digits");
  const { performance } = values;
  const size = performances.find((known) => String(known) === performance);
  if (performance !== undefined && size === undefined) throw new WrongUse(`--performance: ${performances.join(", ")}`);
  const names = (values["features"] ?? "").split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !features.some((known) => known === name));
  if (unknown !== undefined) throw new WrongUse(`--features knows no "${unknown}"; there are ${features.join(", ")}`);
  const licence: Licence = {
    format: 1,
    id: randomUUID(),
    company: wanted(values, "company"),
    serial,
    issued: new Date().toISOString().slice(0, 10),
    subscriptionEnd: values["subscription-end"] ?? null,
    validThrough: values["valid-through"] ?? null,
    name: wanted(values, "name"),
    description: values["description"] ?? "",
    performance: size ?? null,
    features: names as Feature[],
  };
  const pem = readText(wanted(values, "key"));
  const key = tried("--key", () => createPrivateKey(pem));
  if (key.asymmetricKeyType !== "ed25519") throw new CommandFailed("--key is no Ed25519 key; make one with keygen");
  const text = writeLicence(licence, key);
  const { fault } = checkLicence(text, createPublicKey(key), { serial, nowMs: Date.now() });
  if (fault === "notALicence") throw new WrongUse("texts have at most 200 characters, days are YYYY-MM-DD");
  if (fault !== undefined) throw new CommandFailed(faultWords[fault]);
  tried("--out", () => writeFileSync(wanted(values, "out"), text));
}

async function show(file: string | undefined, values: Values): Promise<void> {
  if (file === undefined) {
    const list = await createRestClient(values).get<LicenceList>("/licences");
    process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  const { issuer } = values;
  const key = issuer && tried("--issuer", () => parseIssuerKey(existsSync(issuer) ? readText(issuer) : issuer));
  const text = readText(file);
  const first = checkLicence(text, key || undefined, { serial: values["serial"] ?? "", nowMs: Date.now() });
  if (first.licence === undefined) throw new CommandFailed(`${file}: ${faultWords.notALicence}`);
  const serial = values["serial"] ?? first.licence.serial;
  const { fault } = checkLicence(text, key || undefined, { serial, nowMs: Date.now() });
  process.stdout.write(`${JSON.stringify(first.licence, null, 2)}\n`);
  if (fault === "noIssuerKey") process.stderr.write("the signature was not checked: give --issuer KEY\n");
  else if (fault !== undefined) throw new CommandFailed(`${file}: ${faultWords[fault]}`);
}

async function install(file: string, values: Values): Promise<void> {
  const text = readText(file);
  const { licence } = checkLicence(text, undefined, { serial: "", nowMs: Date.now() });
  if (licence === undefined) throw new CommandFailed(`${file}: ${faultWords.notALicence}`);
  const data = resolve(values["data"] ?? "data");
  if (values["url"] !== undefined || existsSync(localAccessPath(data))) {
    const raw = new TextEncoder().encode(text);
    await createRestClient(values).call({ path: "/licences", method: "POST", raw, contentType: "application/json" });
    process.stdout.write(`licence ${licence.id} installed\n${installedHint}`);
    return;
  }
  if (!existsSync(data)) throw new CommandFailed(`there is no data directory ${data}; give --data DIR`);
  await keepLicence(licenceFolder(data), licence.id, text);
  process.stdout.write(`licence ${licence.id} is in ${data}; the gateway checks it at its next start\n`);
}

const installedHint =
  "meters that were passive over the limit stay so: make them active with `cosem-gateway meters set METER state=active`;\n" +
  "a door that was shut opens at the next start\n";

function wanted(values: Values, name: string): string {
  const value = values[name];
  if (value === undefined) throw new WrongUse(`--${name} is missing`);
  return value;
}

function readText(path: string): string {
  return tried(path, () => readFileSync(path, "utf8"));
}

function tried<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WrongUse) throw error;
    throw new CommandFailed(`${what}: ${(error as Error).message}`);
  }
}
