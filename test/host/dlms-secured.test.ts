/** `cosem-gateway dlms` with every kind of protection, against our view; keys by file, environment and word. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import {
  type AuthenticationMechanism,
  createMemoryCounters,
  generateKeyPair,
  type KeyRing,
  revealScalar,
  Secret,
  type SecuritySuite,
  SymmetricKey,
  suiteAlgorithms,
  toHex,
} from "../../cosem/index.js";
import { command } from "../../src/host/commands/dlms.js";
import { createDlmsView, type DlmsView } from "../../src/views/dlms/index.js";
import { captureOutput } from "../support/captured-output.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

const folder = mkdtempSync(join(tmpdir(), "dlms-secured-"));
const random = (count: number) => new Uint8Array(randomBytes(count));
const mechanisms = { none: 0, md5: 3, gmac: 5, sha256: 6, ecdsa: 7 } as const;
const password = "a secret for all";
const title = "4558430000000002";

interface Served {
  readonly view: DlmsView;
  /** The client's keys, as the command line takes them. */
  readonly keys: Readonly<Record<string, string>>;
}

async function serve(suite: SecuritySuite, mechanism: AuthenticationMechanism): Promise<Served> {
  const { keyLength, curve = "P-256" } = suiteAlgorithms[suite];
  const octets = { unicast: random(keyLength), authentication: random(keyLength), master: random(keyLength) };
  const own = { signing: generateKeyPair(curve, random), agreement: generateKeyPair(curve, random) };
  const client = { signing: generateKeyPair(curve, random), agreement: generateKeyPair(curve, random) };
  const unicast = new SymmetricKey(octets.unicast);
  const ring: KeyRing = {
    suite,
    encryptionKey: (which) => (which === "unicast" ? unicast : undefined),
    authenticationKey: new SymmetricKey(octets.authentication),
    masterKey: new SymmetricKey(octets.master),
    ownSigningKey: own.signing,
    peerSigningKey: client.signing.publicKey,
    ownAgreementKey: own.agreement,
    peerAgreementKey: client.agreement.publicKey,
  };
  const fixture = createDlmsFixture();
  const security = {
    ownTitle: new Uint8Array(Buffer.from("4558430000000001", "hex")),
    peerTitle: undefined,
    keys: () => ring,
    counters: createMemoryCounters(1),
    random,
    // Authenticated and encrypted both ways, by the bits of policy version 1.
    securityPolicy: 0x6c,
  };
  const view = createDlmsView({
    registry: fixture.registry,
    clients: [
      {
        clientSap: 16,
        association: fixture.association(16),
        mechanism,
        applicationContext: 3,
        secret: new Secret(Buffer.from(password)),
        security: () => security,
      },
    ],
    host: "127.0.0.1",
    port: 0,
    logger: recordingLogger(),
    clock: systemClock,
  });
  await view.start();
  return {
    view,
    keys: {
      unicastKey: toHex(octets.unicast),
      authenticationKey: toHex(octets.authentication),
      masterKey: toHex(octets.master),
      signingKey: toHex(revealScalar(client.signing)),
      serverSigningKey: toHex(own.signing.publicKey.point),
      agreementKey: toHex(revealScalar(client.agreement)),
      serverAgreementKey: toHex(own.agreement.publicKey.point),
    },
  };
}

let served: Served | undefined;
const output = captureOutput();

afterEach(async () => {
  vi.unstubAllEnvs();
  await served?.view.stop();
  served = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

const deviceName = "sap1/1:0-0:42.0.0*255/2";
const shownName = `${deviceName} = "45584d30303030303030303030303031" "EXM0000000000001" (octet-string)\n`;

function run(...words: string[]): Promise<number> {
  const [action = "", ...rest] = words;
  return command.run([action, `127.0.0.1:${served?.view.port}`, "--title", title, ...rest, "--counter", "1"]);
}

function expectNoSecret(keys: Readonly<Record<string, string>>): void {
  for (const key of [password, ...Object.values(keys)]) expect(output.out + output.told).not.toContain(key);
}

/** First octet of a protected GET (IEC 62056-5-3, clause 8.5). */
const tagOf: Readonly<Record<string, string>> = {
  glo: "c8",
  ded: "d0",
  "general-glo": "db",
  "general-ded": "dc",
  "general-ciphering": "dd",
  "general-signing": "df",
};

describe("the dlms command with keys", () => {
  const kinds: readonly [SecuritySuite, keyof typeof mechanisms, string, string[]][] = [
    [0, "gmac", "glo", ["--challenge", "64"]],
    [0, "none", "glo", []],
    [0, "md5", "general-glo", ["--challenge", "8", "--password", password]],
    [0, "gmac", "ded", []],
    [0, "gmac", "general-ded", []],
    [0, "gmac", "general-ciphering", []],
    [0, "gmac", "general-ciphering", ["--general-key", "wrapped"]],
    [1, "sha256", "glo", ["--password", password]],
    [1, "ecdsa", "general-glo", ["--server-title", "4558430000000001"]],
    [1, "ecdsa", "general-signing", []],
    [1, "ecdsa", "general-ciphering", ["--general-key", "one-pass"]],
    [1, "ecdsa", "general-ciphering", ["--general-key", "static"]],
    [2, "ecdsa", "ded", []],
    [2, "ecdsa", "general-signing", []],
    [2, "ecdsa", "general-ciphering", ["--general-key", "one-pass"]],
    [2, "gmac", "general-ciphering", ["--general-key", "static"]],
  ];

  it.each(kinds)("suite %i, %s, %s %j", async (suite, mechanism, style, more) => {
    served = await serve(suite, mechanisms[mechanism]);
    const { keyLength } = suiteAlgorithms[suite];
    const dedicated = style.endsWith("ded") ? { dedicatedKey: toHex(random(keyLength)) } : {};
    vi.stubEnv("DLMS_KEYS", JSON.stringify({ ...served.keys, ...dedicated }));
    const options = ["--mechanism", mechanism, "--suite", String(suite), "--style", style, ...more];
    const written = vi.spyOn(Socket.prototype, "write");
    expect(await run("read", deviceName, deviceName, ...options)).toBe(0);
    expect(output.out).toBe(shownName + shownName);
    expect(output.told).toBe("");
    // Version 1, then the client's port 16 as the sender: its APDUs begin behind 8 octets.
    const frames = written.mock.calls.map(([bytes]) => (typeof bytes === "string" ? "" : toHex(bytes)));
    const tags = frames.filter((frame) => frame.startsWith("00010010")).map((frame) => frame.slice(16, 18));
    expect([tags[0], ...tags.slice(-3)]).toEqual(["60", tagOf[style], tagOf[style], "62"]);
  });

  it("takes keys by file and by word, the word first, and a password by file", async () => {
    served = await serve(0, mechanisms.md5);
    const { unicastKey = "", authenticationKey = "" } = served.keys;
    const keys = join(folder, "keys.yaml");
    writeFileSync(keys, `unicastKey: ${"00".repeat(16)}\nauthenticationKey: ${authenticationKey}\n`);
    const secret = join(folder, "password");
    writeFileSync(secret, `${password}\nnot this line\n`);
    const options = ["--mechanism", "md5", "--keys", keys, "--password-file", secret];
    expect(await run("read", deviceName, ...options, "--key", `unicastKey=${unicastKey}`)).toBe(0);
    expect(output.out).toBe(shownName);
    await expect(run("read", deviceName, ...options)).rejects.toThrow(/^association rejected: result 1/);
    expectNoSecret(served.keys);
  });

  it.each([
    [["--key", "unicastKey=zz"], "--key unicastKey wants pairs of hex digits behind it"],
    [["--key", "secretKey=00"], "--key wants NAME=HEX, the names being unicastKey"],
    [["--key", "unicastKey=0011"], "unicastKey has 2 octets; suite 0 wants 16"],
    [["--suite", "1", "--key", `signingKey=${"00".repeat(32)}`], "signingKey is none on P-256, the curve of suite 1"],
    [["--password-file", "/nowhere"], "--password-file /nowhere: ENOENT"],
    [["--server-title", "00"], "--server-title wants 16 hex digits"],
    [["--general-key", "toString"], "--general-key wants unicast, broadcast, wrapped, one-pass, static"],
    [["--counter-object", "x"], "--counter-object wants A-B:C.D.E*F"],
    [["--challenge", "7"], "--challenge wants a number, 8 to 64"],
  ])("refuses %j", async (words, message) => {
    served = await serve(0, 0);
    await expect(run("read", deviceName, ...words)).rejects.toThrow(message);
  });

  it("names the line of the environment's keys that is wrong, not what it says", async () => {
    served = await serve(0, 0);
    vi.stubEnv("DLMS_KEYS", "{unicastKey: deadbeef, authKey: deadbeef}");
    const error = await run("read", deviceName).catch((caught: Error) => caught);
    expect(error instanceof Error && error.message).toMatch(/^DLMS_KEYS: line 1: wants unicastKey, broadcastKey, /);
    expect(error instanceof Error && error.message).not.toContain("deadbeef");
  });
});
