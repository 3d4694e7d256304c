/** `cosem-gateway dlms` against a running gateway, with each kind of security, over wrapper and HDLC. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup, type RunningGateway, runCommand, startRun } from "../support/gateway-process.js";

const cleanup = new Cleanup();
const unicast = "000102030405060708090a0b0c0d0e0f";
const authentication = "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf";
const password = "correct horse";
const settings = `
identity: { manufacturerId: EXM, serial: "00000007" }
doors:
  web: { port: 0 }
  dlms:
    host: 127.0.0.1
    port: 0
    managementPassword: ${password}
    hdlc: { enabled: true, host: 127.0.0.1, port: 0 }
    securitySetups:
      - { instance: 0, suite: 0, unicastKey: ${unicast}, authenticationKey: ${authentication},
          policy: [authenticatedRequest, encryptedRequest] }
    clients:
      - { sap: 2, name: head-end, mechanism: gmac, ciphering: ciphered, securitySetup: 0, rights: management }
      - { sap: 3, name: sha, mechanism: sha1, secret: ${password}, rights: reader }
`;

let gateway: RunningGateway;
let keys: string;

beforeAll(async () => {
  const folder = cleanup.folder();
  const config = join(folder, "gateway.yaml");
  keys = join(folder, "keys.yaml");
  writeFileSync(config, settings);
  writeFileSync(keys, `unicastKey: ${unicast}\nauthenticationKey: ${authentication}\n`);
  gateway = await cleanup.gateway(startRun(["--config", config, "--data", join(folder, "data")]));
}, 30_000);
afterAll(() => cleanup.run());

const at = () => `127.0.0.1:${gateway.doors.dlms}`;
const hdlcAt = () => {
  const line = gateway.process.log().find(({ msg, door }) => msg === "door opened" && door === "hdlc");
  return `127.0.0.1:${String(line?.["port"])}`;
};
const dlms = (...words: string[]) => runCommand(["dlms", ...words]);
const secured = () => ["--client", "2", "--mechanism", "gmac", "--keys", keys, "--title", "4d4d4d0000000001"];
const name = "gateway/0-0:42.0.0*255/2";
const test = "gateway/0-0:96.1.4*255/2";

describe("the dlms command", { timeout: 60_000 }, () => {
  it("reads as the public client, in words and in JSON", async () => {
    const read = await dlms("read", at(), name);
    expect(read).toMatchObject({ code: 0, stderr: "" });
    expect(read.stdout).toBe(`${name} = "45584d3030303030303037" "EXM00000007" (octet-string)\n`);
    const json = await dlms("read", at(), name, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ address: name, value: "45584d3030303030303037" });
  });

  it.each(["glo", "general-glo"])(
    "reads, sets and invokes under GMAC and ciphering, style %s, counter asked for",
    async (style) => {
      const options = [...secured(), "--style", style];
      expect(await dlms("set", at(), test, '{"long-unsigned": 77}', ...options)).toMatchObject({
        code: 0,
        stdout: `${test}: success\n`,
      });
      expect(await dlms("read", at(), test, ...options)).toMatchObject({
        code: 0,
        stdout: `${test} = 77 (long-unsigned)\n`,
      });
      const denied = await dlms("set", at(), name, '{"octet-string": "00"}', ...options);
      expect(denied).toMatchObject({ code: 1, stdout: `${name}: read-write-denied\n` });
    },
  );

  it("reads over HDLC, ciphered too", async () => {
    expect(await dlms("read", hdlcAt(), name, "--hdlc", "--physical", "16")).toMatchObject({ code: 0, stderr: "" });
    const ciphered = await dlms("read", hdlcAt(), name, "--hdlc", "--physical", "16", ...secured());
    expect(ciphered).toMatchObject({ code: 0, stderr: "" });
  });

  it("reads with other mechanisms, and in blocks of general-block-transfer", async () => {
    const sha = ["--client", "3", "--mechanism", "sha1", "--password", password];
    expect(await dlms("read", at(), name, ...sha)).toMatchObject({ code: 0, stderr: "" });
    expect(await dlms("read", at(), name, ...sha, "--blocks", "3")).toMatchObject({ code: 0, stderr: "" });
  });

  it("lists devices and objects, and reads all that may be read", async () => {
    expect((await dlms("list", at())).stdout).toBe("    1  EXM00000007\n");
    const objects = await dlms("list", at(), "--device", "sap1", "--client", "1", "--password", password);
    expect(objects.stdout).toContain("sap1/0-0:43.0.0*255  class 64 version 1 Security setup\n");
    const all = await dlms("read", at(), "--all", "--client", "1", "--password", password);
    expect(all.stdout).toContain(`1:0-0:42.0.0*255/2 = `);
    expect(all.stdout.split("\n").length).toBeGreaterThan(60);
    // Progress goes to stderr, each 500 attributes.
    expect(all.stderr).toMatch(/^(\d+ attributes so far; Ctrl-C ends\n)*$/);
    expect(all.code).toBe(0);
  });

  it("prints a profile as CSV, by time and by entry", async () => {
    const log = "gateway/0-0:99.98.0*255";
    const whole = await dlms("profile", at(), log, "--client", "1", "--password", password);
    expect(whole).toMatchObject({ code: 0, stderr: "" });
    expect(whole.stdout).toMatch(/^time,/);
    const none = await dlms(
      "profile",
      at(),
      log,
      "--from",
      "2001-01-01T00:00:00Z",
      "--to",
      "2001-01-02",
      "--client",
      "1",
      "--password",
      password,
    );
    expect(none.stdout.split("\r\n")).toHaveLength(2);
  });

  it("says what is wrong and shows no secret", async () => {
    const wrong = await dlms("read", at(), name, "--client", "1", "--password", "wrong password");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/association rejected: result 1, user diagnostic 13: .*password and keys right\?\n$/);
    writeFileSync(keys, `unicastKey: ${"ff".repeat(16)}\nauthenticationKey: ${authentication}\n`);
    const key = await dlms("read", at(), name, ...secured());
    expect(key.code).toBe(1);
    expect(key.stderr).toContain("association rejected");
    writeFileSync(keys, `unicastKey: 00ff\n`);
    const short = await dlms("read", at(), name, ...secured());
    expect(short).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unicastKey has 2 octets; suite 0 wants 16"),
    });
    writeFileSync(keys, `unicastKey: ${unicast}\nauthenticationKey: ${authentication}\n`);
    const replay = await dlms("read", at(), name, ...secured(), "--counter", "0");
    expect(replay.code).toBe(1);
    expect(wrong.stderr + key.stderr + short.stderr + replay.stderr).not.toContain(unicast);
  });

  it.each([
    [["read", "127.0.0.1", "gateway/x"], /"gateway\/x" is not an address/],
    [["frob", "127.0.0.1"], /list, read, set, invoke, profile: one of them is missing/],
    [["read", "127.0.0.1", "--mechanism", "magic"], /--mechanism wants none, low, md5/],
    [["read", "127.0.0.1", "--keys", "/nowhere", "--title", "00"], /--keys \/nowhere: ENOENT/],
    [["profile", "127.0.0.1", "gateway/0-0:99.98.0*255", "--entries", "x"], /--entries wants A-B/],
  ])("calls %j wrong use", async (words, message) => {
    const outcome = await dlms(...words);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(message);
  });
});
