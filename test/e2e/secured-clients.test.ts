/** `run` with ciphered clients of the settings, over the wrapper and over HDLC, before and after a restart. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectDlms, connectHdlc, type DlmsConnection, type TracedFrame } from "../../conformance/index.js";
import {
  type ClientAssociationOptions,
  createMemoryCounters,
  fromHex,
  type InvocationCounters,
  type KeyRing,
  logicalName,
  Secret,
  SymmetricKey,
  toHex,
  wrapKey,
} from "../../cosem/index.js";
import { Cleanup, type RunningGateway, startRun } from "../support/gateway-process.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const secret = "a secret of client 41";
const authenticatedEncryption = 12;
const both = ["authenticatedRequest", "encryptedRequest", "authenticatedResponse", "encryptedResponse"];
const keysOf = (digit: string) => ({
  unicastKey: `${digit}1`.repeat(16),
  authenticationKey: `${digit}2`.repeat(16),
  masterKey: `${digit}3`.repeat(16),
});
const setups = [
  { instance: 0, suite: 0, policy: both, ...keysOf("a") },
  { instance: 1, suite: 1, policy: both, ...keysOf("b") },
] as const;
const common = { ciphering: "ciphered", rights: "management" } as const;
const settings = {
  identity: { manufacturerId: "EXM", serial: "00000001" },
  doors: {
    web: { enabled: false },
    modbus: { enabled: false },
    dlms: {
      host: "127.0.0.1",
      port: 0,
      hdlc: { enabled: true, host: "127.0.0.1", port: 0 },
      clients: [
        { sap: 40, name: "gmac", mechanism: "gmac", securitySetup: 0, ...common },
        { sap: 41, name: "sha256", mechanism: "sha256", secret, securitySetup: 1, ...common },
      ],
      securitySetups: setups,
    },
  },
};

/** One end user's device: its title, keys and counters outlive connections. */
interface Client {
  readonly sap: number;
  readonly title: string;
  readonly mechanism: 5 | 6;
  readonly setup: (typeof setups)[number];
}

const gmac: Client = { sap: 40, title: "45584d0000000040", mechanism: 5, setup: setups[0] };
const sha256: Client = { sap: 41, title: "45584d0000000041", mechanism: 6, setup: setups[1] };

function keyRing({ suite, unicastKey, authenticationKey, masterKey }: Client["setup"], unicast = unicastKey): KeyRing {
  const encryptionKey = new SymmetricKey(fromHex(unicast));
  return {
    suite,
    encryptionKey: (which) => (which === "unicast" ? encryptionKey : undefined),
    authenticationKey: new SymmetricKey(fromHex(authenticationKey)),
    masterKey: new SymmetricKey(fromHex(masterKey)),
    ownSigningKey: undefined,
    peerSigningKey: undefined,
    ownAgreementKey: undefined,
    peerAgreementKey: undefined,
  };
}

function optionsOf(client: Client, counters: InvocationCounters, unicast?: string): ClientAssociationOptions {
  const security = {
    ownTitle: fromHex(client.title),
    keys: keyRing(client.setup, unicast),
    counters,
    random: (count: number) => crypto.getRandomValues(new Uint8Array(count)),
    protection: authenticatedEncryption,
  };
  const proof = client.mechanism === 6 ? { password: new Secret(new TextEncoder().encode(secret)) } : {};
  return { applicationContext: 3, mechanism: client.mechanism, security, ...proof };
}

const name = { classId: 1, logicalName: logicalName("0-0:42.0.0*255"), attributeIndex: 2, selectiveAccess: undefined };

describe.each(["wrapper", "hdlc"] as const)("ciphered clients over %s", { timeout: 60_000 }, (profile) => {
  let words: readonly string[];
  let gateway: RunningGateway;

  beforeEach(async () => {
    const folder = cleanup.folder();
    const config = join(folder, "settings.json");
    writeFileSync(config, JSON.stringify(settings));
    words = ["--config", config, "--data", join(folder, "data")];
    gateway = await cleanup.gateway(startRun(words));
  });

  async function restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    gateway.process.signal(signal);
    await gateway.process.exited;
    gateway = await cleanup.gateway(startRun(words));
  }

  async function connect(client: Client, counters: InvocationCounters, unicast?: string): Promise<DlmsConnection> {
    const door = profile === "hdlc" ? "hdlc" : "dlms";
    const opened = gateway.process.log().find((line) => line.msg === "door opened" && line["door"] === door);
    const target = {
      host: "127.0.0.1",
      port: Number(opened?.["port"]),
      clientSap: client.sap,
      serverSap: 1,
      timeoutMs: 10_000,
    };
    const options = optionsOf(client, counters, unicast);
    const connection = profile === "hdlc" ? await connectHdlc(target, options) : await connectDlms(target, options);
    cleanup.after(() => connection.close());
    return connection;
  }

  async function expectReading(connection: DlmsConnection): Promise<readonly TracedFrame[]> {
    await connection.client.open();
    connection.takeTrace();
    const answer = await connection.client.get(name);
    expect(answer).toMatchObject({ kind: "data", data: { type: "octet-string" } });
    return connection.takeTrace();
  }

  /** The protected APDU of a direction: tag c8 (GET.request) or cc (GET.response), length, control byte, counter. */
  function protectedApdu(frames: readonly TracedFrame[], direction: ">" | "<") {
    const hex = frames
      .filter((frame) => frame.direction === direction)
      .map(({ bytes }) => toHex(bytes))
      .join("");
    const [, apdu = "", length = "00", counter = ""] =
      /((?:c8|cc)(..)3[01](.{8}).*)/.exec(hex.slice(profile === "wrapper" ? 16 : 0)) ?? [];
    return { apdu: apdu.slice(0, 4 + 2 * Number.parseInt(length, 16)), counter: Number.parseInt(counter, 16) };
  }

  it.each([gmac, sha256])(
    "counters of client $sap go on after a restart, and what was recorded is refused",
    async (client) => {
      const counters = createMemoryCounters(1);
      const first = await connect(client, counters);
      const recorded = await expectReading(first);
      const request = protectedApdu(recorded, ">");
      const before = protectedApdu(recorded, "<").counter;
      expect(request.counter).toBeGreaterThanOrEqual(1);
      await first.close();

      await restart("SIGTERM");
      const second = await connect(client, counters);
      const after = protectedApdu(await expectReading(second), "<").counter;
      expect(after).toBeGreaterThan(before);
      // exception-response: service-not-allowed, invocation-counter-error, the least counter that would do.
      const replayed = toHex(await second.exchange(fromHex(request.apdu)));
      expect(replayed).toMatch(/^d80106/);
      expect(Number.parseInt(replayed.slice(6), 16)).toBeGreaterThan(request.counter);
      await second.close();

      // A power cut: what is reserved and not handed out is left out.
      await restart("SIGKILL");
      const third = await connect(client, counters);
      expect(protectedApdu(await expectReading(third), "<").counter).toBeGreaterThan(after);
      await third.close();
      const anew = await connect(client, createMemoryCounters(1));
      await expect(anew.client.open()).rejects.toThrow(/reject/);
    },
  );

  it("a transferred key stands after a restart, and the key of the settings opens nothing any more", async () => {
    const client = gmac;
    const fresh = "c4".repeat(16);
    const counters = createMemoryCounters(1);
    const first = await connect(client, counters);
    await first.client.open();
    const { masterKey } = keyRing(client.setup);
    if (masterKey === undefined) throw new Error("there is a master key");
    const wrapped = wrapKey(masterKey, new SymmetricKey(fromHex(fresh)));
    const method = { classId: 64, logicalName: logicalName("0-0:43.0.0*255"), methodIndex: 2 };
    const transfer = {
      type: "structure",
      value: [
        { type: "enum", value: 0 },
        { type: "octet-string", value: wrapped },
      ],
    } as const;
    expect((await first.client.invoke(method, { type: "array", value: [transfer] })).result).toBe(0);
    await first.close();

    await restart("SIGTERM");
    const withFresh = await connect(client, counters, fresh);
    await expectReading(withFresh);
    await withFresh.close();
    const withOld = await connect(client, counters);
    await expect(withOld.client.open()).rejects.toThrow();
  });
});
