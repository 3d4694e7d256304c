import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseFileName } from "../../../src/host/files/file-names.js";
import { type ArchiveRequest, makeArchive, repositoryPath } from "../../../src/host/files/make-archive.js";
import {
  applyPending,
  BadArchive,
  prepareRestore,
  requestReset,
  WrongPassphrase,
} from "../../../src/host/files/restore.js";
import { openSettingsVault, sealedText } from "../../../src/host/files/vault-text.js";
import { settingsChecks } from "../../../src/host/settings-checks.js";
import { loadSettings } from "../../../src/settings/index.js";
import { openStore } from "../../../src/store/index.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { systemClock } from "../../support/system-clock.js";

let folder: string;
const settings = `# the cellar
identity: { serial: "00123456", company: Water Works }
network: { address: 10.1.2.3 }
mail: { host: mail.example.org, password: opensesame }
readout: { retries: 5 }
`;

const openDatabase = (data: string) =>
  openStore({ path: join(data, "gateway.sqlite"), clock: systemClock, logger: recordingLogger() });

async function newGateway(name: string): Promise<string> {
  const data = join(folder, name);
  mkdirSync(data);
  writeFileSync(join(data, "settings.yaml"), sealedText(settings, openSettingsVault(data)).text);
  const store = await openDatabase(data);
  await store.setState("a value", "4711");
  await store.setState("security.setup/1", "sealed under the master key");
  await store.close();
  return data;
}

const request = (data: string, more: Partial<ArchiveRequest> = {}): ArchiveRequest => ({
  kind: "full-backup",
  dataPath: data,
  settingsPath: join(data, "settings.yaml"),
  version: "0.1.0",
  serial: "00123456",
  madeAtMs: 1669048026178,
  ...more,
});

const restore = (data: string, archivePath: string, passphrase?: string, isDryRun = false) =>
  prepareRestore({ archivePath, dataPath: data, settingsPath: join(data, "settings.yaml"), passphrase, isDryRun });

async function stateAt(data: string, key: string) {
  const store = await openDatabase(data);
  const value = await store.getState(key);
  await store.close();
  return value;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("names a backup as the manual does, and system tar and sha256sum open and check it", async () => {
  const data = await newGateway("a");
  const { name } = await makeArchive(request(data));
  expect(name).toBe("cosem-gateway_0.1.0_1669048026178_full-backup_.tar.gz");
  expect(parseFileName(name)).toMatchObject({ kind: "full-backup", madeAtMs: 1669048026178 });
  const out = join(folder, "out");
  mkdirSync(out);
  execFileSync("tar", ["-xzf", join(repositoryPath(data), name), "-C", out]);
  expect(readdirSync(out).toSorted()).toEqual(["SHA256SUMS", "gateway.sqlite", "manifest.json", "settings.yaml"]);
  execFileSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: out });
  expect(readFileSync(join(out, "settings.yaml"), "utf8")).not.toMatch(/opensesame|enc:/);
  expect(JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"))).toMatchObject({
    kind: "full-backup",
    secrets: "none",
    leftOut: ["mail.password", "1 DLMS security setups as changed by head-ends"],
  });
  expect(readdirSync(repositoryPath(data))).toEqual([name]);
});

it("restores a backup on an empty machine, with all secrets under the passphrase, while the store is open", async () => {
  const data = await newGateway("a");
  const store = await openDatabase(data);
  const { name } = await makeArchive(request(data, { passphrase: "correct horse" }));
  await store.close();
  const archive = join(repositoryPath(data), name);
  const other = join(folder, "empty");
  await expect(restore(other, archive, "wrong horse")).rejects.toBeInstanceOf(WrongPassphrase);
  expect(await restore(other, archive, "correct horse", true)).toMatchObject({ leftOut: [] });
  expect(readdirSync(other)).toEqual([]);
  const plan = await restore(other, archive, "correct horse");
  expect(plan.replaces).toEqual(["gateway.sqlite", "master.key", "settings.yaml"]);
  expect(applyPending(other, join(other, "settings.yaml"))).toHaveLength(1);
  expect(applyPending(other, join(other, "settings.yaml"))).toEqual([]);
  for (const same of ["master.key", "settings.yaml"]) {
    expect(readFileSync(join(other, same), "utf8")).toBe(readFileSync(join(data, same), "utf8"));
  }
  expect(await stateAt(other, "a value")).toBe("4711");
  expect(await stateAt(other, "security.setup/1")).toBe("sealed under the master key");
});

it("has no password of a user without a passphrase; a restore leaves them the one of the device", async () => {
  const data = await newGateway("a");
  const user = { name: "eve", role: "viewer", createdAtMs: 1 };
  const users = async (path: string, hash?: string) => {
    const store = await openDatabase(path);
    if (hash !== undefined) await store.accounts.putUser({ ...user, passwordHash: hash, passwordSetAtMs: 2 });
    const hashes = (await store.accounts.users()).map(({ passwordHash }) => passwordHash);
    await store.close();
    return hashes;
  };
  await users(data, "scrypt$formerhash");
  const { name, leftOut } = await makeArchive(request(data));
  expect(leftOut).toContain("passwords of 1 users");
  const out = join(folder, "out");
  mkdirSync(out);
  execFileSync("tar", ["-xzf", join(repositoryPath(data), name), "-C", out]);
  expect(readFileSync(join(out, "gateway.sqlite")).includes("formerhash")).toBe(false);
  await users(data, "scrypt$newerhash");
  await restore(data, join(repositoryPath(data), name));
  applyPending(data, join(data, "settings.yaml"));
  expect(await users(data)).toEqual(["scrypt$newerhash"]);
});

describe("a gateway whose head-ends and receivers have secrets", () => {
  const unicast = "00112233445566778899aabbccddeeff";
  const withClients = `${settings}doors:
  dlms:
    securitySetups:
      - { instance: 0, suite: 0, unicastKey: ${unicast}, authenticationKey: d0d1d2d3d4d5d6d7d8d9dadbdcdddedf }
    clients:
      - { sap: 3, name: open, mechanism: none, rights: reader }
      - { sap: 4, name: reader, mechanism: low, secret: correct horse, rights: reader }
      - { sap: 5, name: head-end, mechanism: gmac, ciphering: ciphered, securitySetup: 0, rights: management }
`;
  async function gatewayWithClients() {
    const data = await newGateway("clients");
    writeFileSync(join(data, "settings.yaml"), sealedText(withClients, openSettingsVault(data)).text);
    return data;
  }
  const isGood = (data: string) => {
    const checks = { ...settingsChecks, openSecret: openSettingsVault(data).open };
    const loaded = loadSettings(readFileSync(join(data, "settings.yaml"), "utf8"), "settings.yaml", checks);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return loaded.settings.doors.dlms.clients.map(({ sap, secret }) => [sap, secret?.reveal()]);
  };
  const all = [
    [3, undefined],
    [4, "correct horse"],
    [5, undefined],
  ];

  it.each(["full-backup", "config-backup"] as const)("is restored from a %s with its passphrase", async (kind) => {
    const data = await gatewayWithClients();
    const { name } = await makeArchive(request(data, { kind, passphrase: "nine words" }));
    const empty = join(folder, "empty");
    const archive = join(repositoryPath(data), name);
    expect(await restore(empty, archive, "nine words", true)).toMatchObject({ kind });
    const plan = await restore(empty, archive, "nine words");
    expect(plan.leftOut.filter((path) => path.startsWith("doors"))).toEqual([]);
    applyPending(empty, join(empty, "settings.yaml"));
    expect(isGood(empty)).toEqual(all);
  });

  it.each(["full-backup", "config-backup"] as const)(
    "is restored from a %s without one: on an empty machine without these clients, on its own with them",
    async (kind) => {
      const data = await gatewayWithClients();
      for (const passphrase of [undefined, "nine words"]) {
        const { name } = await makeArchive(request(data, { kind, passphrase }));
        const archive = join(repositoryPath(data), name);
        const empty = join(folder, `empty${passphrase}`);
        const plan = await restore(empty, archive);
        expect(plan.leftOut).toEqual(
          expect.arrayContaining([
            "doors.dlms.clients[1]: wants a secret for mechanism low; add it again",
            expect.stringMatching(/^doors\.dlms\.clients\[2\]: instance 0 has no unicastKey/),
          ]),
        );
        applyPending(empty, join(empty, "settings.yaml"));
        expect(isGood(empty)).toEqual([[3, undefined]]);
        const own = await restore(data, archive);
        expect(own.leftOut.filter((path) => path.includes("add it again"))).toEqual([]);
        applyPending(data, join(data, "settings.yaml"));
        expect(isGood(data)).toEqual(all);
      }
    },
  );

  it("uses no counter twice: after a restore it goes on far behind what the backup has, after a reset too", async () => {
    const data = await gatewayWithClients();
    const [own, received] = [`counter.own/${"a".repeat(32)}/454c560000000001`, `counter.received/${"a".repeat(32)}/4d`];
    const put = async (at: string, key: string, value: string) => {
      const store = await openDatabase(at);
      await store.setState(key, value);
      await store.close();
    };
    await put(data, own, "65536");
    await put(data, received, "7");
    const { name } = await makeArchive(request(data, { passphrase: "nine words" }));
    const archive = join(repositoryPath(data), name);
    await put(data, own, "200000");
    await put(data, received, "99");
    const empty = join(folder, "empty");
    for (const at of [empty, data]) {
      await restore(at, archive, "nine words");
      applyPending(at, join(at, "settings.yaml"));
    }
    const jump = 0x0400_0000;
    expect([await stateAt(empty, own), await stateAt(empty, received)]).toEqual([String(65536 + jump), "7"]);
    expect([await stateAt(data, own), await stateAt(data, received)]).toEqual([String(200000 + jump), "99"]);
    writeFileSync(join(data, "gateway.sqlite.damaged-2026-11-23T12-00-00Z"), "readings of the owner before");
    requestReset(data);
    applyPending(data, join(data, "settings.yaml"));
    expect([await stateAt(data, own), await stateAt(data, received)]).toEqual([String(200000 + 2 * jump), "99"]);
    expect(await stateAt(data, "a value")).toBeUndefined();
    expect(readdirSync(data).filter((file) => file.includes("damaged"))).toEqual([]);
  });
});

it("restores without the passphrase all but what is sealed, and lists that", async () => {
  const data = await newGateway("a");
  const { name } = await makeArchive(request(data, { passphrase: "correct horse" }));
  const other = join(folder, "empty");
  const plan = await restore(other, join(repositoryPath(data), name));
  expect(plan.leftOut).toContain("mail.password");
  applyPending(other, join(other, "settings.yaml"));
  expect(await stateAt(other, "a value")).toBe("4711");
  expect(await stateAt(other, "security.setup/1")).toBeUndefined();
  expect(readFileSync(join(other, "settings.yaml"), "utf8")).not.toContain("enc:");
});

it("carries no settings of the device in a configuration file, and its secrets under a passphrase alone", async () => {
  const data = await newGateway("a");
  const plain = await makeArchive(request(data, { kind: "config-backup", madeAtMs: 1 }));
  expect(plain.leftOut).toEqual(["identity.serial", "network.address", "mail.password"]);
  const sealed = await makeArchive(request(data, { kind: "config-backup", madeAtMs: 2, passphrase: "correct horse" }));
  const other = join(folder, "b");
  mkdirSync(other);
  writeFileSync(join(other, "settings.yaml"), 'identity: { serial: "00000042" }\n');
  await restore(other, join(repositoryPath(data), sealed.name), "correct horse");
  applyPending(other, join(other, "settings.yaml"));
  const text = readFileSync(join(other, "settings.yaml"), "utf8");
  expect(text).toContain("00000042");
  expect(text).toContain("Water Works");
  expect(text).toContain("# the cellar");
  expect(text).not.toMatch(/00123456|10\.1\.2\.3|opensesame/);
  const sealedSecret = /password: enc:(\S+)/.exec(text.replaceAll(/["}]/g, " "))?.[1] ?? "";
  expect(openSettingsVault(other).open("settings:mail.password", sealedSecret)).toBe("opensesame");
});

const hostile = async (entries: (at: string) => string[]): Promise<string> => {
  const at = join(folder, "hostile");
  mkdirSync(at);
  const names = entries(at);
  const file = join(folder, "hostile.tar.gz");
  await create({ gzip: true, file, cwd: at, preservePaths: true }, names);
  return file;
};

it.each<[string, (at: string) => string[]]>([
  [
    "a path out of its folder",
    (at) => {
      writeFileSync(join(at, "..", "evil.yaml"), "x");
      return ["../evil.yaml"];
    },
  ],
  [
    "a symbolic link",
    (at) => {
      symlinkSync("/etc", join(at, "maps"));
      return ["maps"];
    },
  ],
  [
    "a foreign archive",
    (at) => {
      writeFileSync(join(at, "notes.txt"), "x");
      return ["notes.txt"];
    },
  ],
  [
    "no manifest",
    (at) => {
      writeFileSync(join(at, "settings.yaml"), "{}");
      return ["settings.yaml"];
    },
  ],
])("refuses %s and changes nothing", async (_what, entries) => {
  const archive = await hostile(entries);
  const data = join(folder, "data");
  await expect(restore(data, archive)).rejects.toBeInstanceOf(BadArchive);
  expect(readdirSync(data)).toEqual([]);
});

it("refuses any archive that is cut short or changed, and changes nothing", { timeout: 60_000 }, async () => {
  const data = await newGateway("a");
  const { name } = await makeArchive(request(data, { kind: "config-backup" }));
  const good = readFileSync(join(repositoryPath(data), name));
  const tar = gunzipSync(good);
  const other = join(folder, "other");
  mkdirSync(other);
  const archive = join(folder, "bad.tar.gz");
  const refuses = async (bytes: Uint8Array) => {
    writeFileSync(archive, bytes);
    const plan = await restore(other, archive).catch((error: unknown) => error);
    expect(readdirSync(other).filter((entry) => entry !== "master.key")).toEqual(
      plan instanceof Error ? [] : ["pending-restore"],
    );
    rmSync(join(other, "pending-restore"), { recursive: true, force: true });
    return plan;
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 9), async (length) => {
      expect(await refuses(good.subarray(0, length))).toBeInstanceOf(BadArchive);
    }),
    { numRuns: 25 },
  );
  const contents = tar.indexOf("company");
  await fc.assert(
    fc.asyncProperty(fc.nat(tar.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const changed = Buffer.from(tar);
      changed[at] = (changed[at] ?? 0) ^ change;
      // Padding and times of the tar may change; what is restored never does.
      const plan = await refuses(gzipSync(changed));
      if (!(plan instanceof Error)) expect(plan).toMatchObject({ replaces: ["settings.yaml"] });
    }),
    { numRuns: 60 },
  );
  const changed = Buffer.from(tar);
  changed[contents] = 0x43;
  expect(await refuses(gzipSync(changed))).toBeInstanceOf(BadArchive);
});

it("refuses a database that is damaged", async () => {
  const data = await newGateway("a");
  const { name } = await makeArchive(request(data));
  const out = join(folder, "out");
  mkdirSync(out);
  execFileSync("tar", ["-xzf", join(repositoryPath(data), name), "-C", out]);
  writeFileSync(join(out, "gateway.sqlite"), "not a database");
  execFileSync("sh", ["-c", "rm SHA256SUMS && sha256sum * > /tmp/sums.$$ && mv /tmp/sums.$$ SHA256SUMS"], { cwd: out });
  await create({ gzip: true, file: join(folder, "x.tar.gz"), cwd: out }, readdirSync(out));
  await expect(restore(join(folder, "other"), join(folder, "x.tar.gz"))).rejects.toBeInstanceOf(BadArchive);
});

it("forgets everything at a factory reset but who it is and its files", async () => {
  const data = await newGateway("a");
  const { name } = await makeArchive(request(data));
  requestReset(data);
  applyPending(data, join(data, "settings.yaml"));
  expect(readFileSync(join(data, "settings.yaml"), "utf8")).toBe('identity:\n  serial: "00123456"\n');
  expect(readdirSync(data).toSorted()).toEqual(["files", "settings.yaml"]);
  expect(existsSync(join(repositoryPath(data), name))).toBe(true);
});
