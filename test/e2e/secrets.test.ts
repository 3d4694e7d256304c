/**
 * No door gives a secret back: keys, passwords and tokens are put in by every way there is, then all that the gateway
 * says, keeps and hands out is searched for them, as text, in hex, in base64 and as bytes. A word that is no secret
 * proves of each place that it was searched.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { read as readWorkbook, utils } from "@e965/xlsx";
import { afterEach, expect, it } from "vitest";
import { Cleanup, ownerHeaders, runCommand, startRun } from "../support/gateway-process.js";
import { ownerOf } from "../support/owner.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const hexSecrets = {
  "key of a meter of the file": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
  "key linked by hand": "b1b2c3d4e5f60718293a4b5c6d7e8f91",
  "key by pattern": "c1b2c3d4e5f60718293a4b5c6d7e8f92",
  "key of an imported file": "d1b2c3d4e5f60718293a4b5c6d7e8f93",
  "unicast key": "e1b2c3d4e5f60718293a4b5c6d7e8f94",
  "authentication key": "f1b2c3d4e5f60718293a4b5c6d7e8f95",
  "master key of DLMS": "91b2c3d4e5f60718293a4b5c6d7e8f96",
};
const textSecrets = {
  "DLMS password": "zebra-Dlms-41",
  "mail password": "zebra-Mail-42",
  "password of a user": "zebra Quarry 77 harbour",
  "passphrase of a file": "zebra tandem of nine words",
};
/** Position of a meter, name of a user and host of the mail: no secrets, and told. */
const control = "Searchword";

/** Every way a secret may be written, as bytes to look for. */
function writings(): [string, Buffer][] {
  const found: [string, Buffer][] = [];
  for (const [name, hex] of Object.entries(hexSecrets)) {
    const bytes = Buffer.from(hex, "hex");
    const base64 = bytes.toString("base64").replace(/=+$/, "");
    found.push([`${name} in bytes`, bytes], [`${name} in base64`, Buffer.from(base64)]);
    found.push([`${name} in hex`, Buffer.from(hex)], [`${name} in capitals`, Buffer.from(hex.toUpperCase())]);
    found.push([`${name} reversed`, Buffer.from(bytes).reverse()]);
  }
  for (const [name, text] of Object.entries(textSecrets)) {
    found.push([name, Buffer.from(text)], [`${name} in hex`, Buffer.from(Buffer.from(text).toString("hex"))]);
    found.push([`${name} in base64`, Buffer.from(Buffer.from(text).toString("base64").replace(/=+$/, ""))]);
  }
  return found;
}

function findingsIn(place: string, bytes: Buffer, more: readonly [string, Buffer][]): readonly string[] {
  return [...writings(), ...more].flatMap(([name, text]) => (bytes.includes(text) ? [`${place}: ${name}`] : []));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

it("is kept under the master key alone, and told by no door", async () => {
  const folder = cleanup.folder();
  const [data, config] = [join(folder, "data"), join(folder, "gateway.yaml")];
  writeFileSync(
    config,
    `interfaces: [{ name: cellar, kind: tcp, host: 127.0.0.1, port: 1 }]
meters:
  - { interface: cellar, secondaryAddress: "1000000196150102", position: ${control}, key: ${hexSecrets["key of a meter of the file"]} }
readout: { schedule: "0 0 1 1 *" }
mail: { host: ${control}.example, password: ${textSecrets["mail password"]} }
doors:
  web: { port: 0 }
  dlms:
    host: 127.0.0.1
    port: 0
    managementPassword: ${textSecrets["DLMS password"]}
    securitySetups:
      - { instance: 0, suite: 0, unicastKey: ${hexSecrets["unicast key"]},
          authenticationKey: ${hexSecrets["authentication key"]}, masterKey: ${hexSecrets["master key of DLMS"]} }
`,
  );
  const first = await cleanup.gateway(startRun(["--config", config, "--data", data]));
  const command = (input: string, ...words: string[]) => runCommand([...words, "--data", data], input);
  const owner = ownerOf(data);
  const done = async (input: string, ...words: string[]) => {
    const ended = await command(input, ...words);
    expect(ended, words.join(" ")).toMatchObject({ code: 0 });
    said.push([words.join(" "), Buffer.from(ended.stdout + ended.stderr)]);
    return ended;
  };
  const said: [string, Buffer][] = [];

  await done(`${hexSecrets["key linked by hand"]}\n`, "keys", "link", "sap16");
  await done(`${hexSecrets["key by pattern"].toUpperCase()}\n`, "keys", "add", "--manufacturer", "ELV", "--type", "2");
  const sheet = join(folder, "keys.csv");
  writeFileSync(
    sheet,
    `Address;Key;Manufacturer;DeviceType;Version\n10000002;${hexSecrets["key of an imported file"]};ELV;*;*\n`,
  );
  await done("", "keys", "import", sheet);
  await done(`${textSecrets["password of a user"]}\n`, "users", "add", control.toLowerCase(), "--role", "admin");
  const made = await owner("POST", "/tokens", { name: control, role: "viewer" });
  const drawn: [string, Buffer][] = [["an API token", Buffer.from(String(made.body["text"]).split("_")[2] ?? "")]];
  expect(drawn[0]?.[1].length).toBeGreaterThan(20);
  const words = join(folder, "passphrase");
  writeFileSync(words, `${textSecrets["passphrase of a file"]}\n`);
  const hidden = ["--passphrase-file", words];

  const archives: string[] = [];
  for (const [name, ...how] of [
    ["config.tar.gz", "config", "save"],
    ["config-secrets.tar.gz", "config", "save", ...hidden],
    ["backup.tar.gz", "backup"],
    ["backup-secrets.tar.gz", "backup", ...hidden],
    ["diagnostics.tar.gz", "diagnostics"],
  ] as const) {
    archives.push(join(folder, name));
    await done("", ...how, "--to", join(folder, name));
  }
  await done("", "report", "commission", join(folder, "commission.xlsx"));
  const book = readWorkbook(readFileSync(join(folder, "commission.xlsx")));
  const sheets = Object.values(book.Sheets)
    .map((each) => utils.sheet_to_csv(each))
    .join();
  said.push(["commission report", Buffer.from(sheets)]);
  await done("", "log");
  await done("", "audit");
  await done("", "settings", "get");
  const management = ["--client", "1", "--password", textSecrets["DLMS password"]];
  const all = await runCommand(["dlms", "read", `127.0.0.1:${first.doors.dlms}`, "--all", "--json", ...management]);
  said.push(["dlms read --all", Buffer.from(all.stdout)]);

  // Each address without a parameter that REST answers.
  const api = (await owner("GET", "/openapi.json")).body["paths"] as Record<string, { get?: object }>;
  const addresses = Object.keys(api).filter((path) => api[path]?.get !== undefined);
  expect(addresses.length).toBeGreaterThan(30);
  for (const path of addresses) {
    // An endless stream: what it tells are the changes above.
    if (path.endsWith("/events")) continue;
    const address = path
      .replace("{device}", "sap16")
      .replace("{object}", "0-0:96.1.0*255")
      .replace("{attribute}", "2")
      .replace("{job}", "readout")
      .replace("{name}", "config.tar.gz");
    const response = await fetch(`${first.origin}${address}`, { headers: ownerHeaders(first.origin) });
    said.push([`GET ${path}`, Buffer.from(await response.arrayBuffer())]);
  }
  for (const path of archives) said.push([path.slice(folder.length), gunzipSync(readFileSync(path))]);
  // While it runs, with its write-ahead log, and after a start that has sealed the file.
  for (const path of filesBelow(data)) said.push([path, readFileSync(path)]);
  await first.process.stop();
  said.push(["output", Buffer.from(first.process.stdout + first.process.stderr)]);
  const second = await cleanup.gateway(startRun(["--config", config, "--data", data]));
  await second.process.stop();
  said.push(["output of the second start", Buffer.from(second.process.stdout + second.process.stderr)]);
  for (const path of [config, ...filesBelow(data)]) said.push([`${path} at the end`, readFileSync(path)]);

  expect(said.flatMap(([place, bytes]) => findingsIn(place, bytes, drawn))).toEqual([]);
  expect(findingsIn("here", Buffer.from(hexSecrets["unicast key"], "hex"), [])).toEqual(["here: unicast key in bytes"]);
  const searched = said.filter(([, bytes]) => bytes.includes(control)).map(([place]) => place);
  expect(searched).toEqual(
    expect.arrayContaining([
      ...["commission report", "log", "audit", "settings get", "dlms read --all", "output"],
      ...["/tokens", "/audit", "/meters", "/log", "/log.csv", "/settings", "/meter-list", "/meter-list/export"].map(
        (path) => `GET /api/v1${path}`,
      ),
      ...archives.map((path) => path.slice(folder.length)),
      ...[join(data, "gateway.sqlite-wal"), `${config} at the end`, `${join(data, "gateway.sqlite")} at the end`],
    ]),
  );
}, 90_000);
