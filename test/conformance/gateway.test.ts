/** The gateway as it is run, with clients of its settings, before the harness: no fail, and nothing inconclusive. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type DeclarationFile, formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { Cleanup, type RunningGateway, startRun } from "../support/gateway-process.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const secret = "a secret for all";
const keyOf = (digit: string, suite: number) => digit.repeat(suite === 2 ? 64 : 32);

const plainClients = [
  { sap: 32, mechanism: "low" },
  { sap: 33, mechanism: "md5" },
  { sap: 34, mechanism: "sha1" },
] as const;
const ciphered = [
  { sap: 40, mechanism: "gmac", suite: 0 },
  { sap: 41, mechanism: "sha256", suite: 1 },
  { sap: 42, mechanism: "gmac", suite: 2 },
] as const;

const settings = {
  identity: { manufacturerId: "EXM", serial: "00000001" },
  doors: {
    web: { enabled: false },
    modbus: { enabled: false },
    dlms: {
      host: "127.0.0.1",
      port: 0,
      failuresPerMinute: 0,
      hdlc: { enabled: true, host: "127.0.0.1", port: 0 },
      clients: [
        ...plainClients.map((client) => ({ ...client, name: client.mechanism, secret, rights: "management" })),
        ...ciphered.map(({ sap, mechanism, suite }) => ({
          sap,
          mechanism,
          name: `suite ${suite}`,
          ciphering: "ciphered",
          securitySetup: suite,
          rights: "management",
          ...(mechanism === "sha256" ? { secret } : {}),
        })),
      ],
      securitySetups: ciphered.map(({ suite }) => ({
        instance: suite,
        suite,
        policy: ["authenticatedRequest", "encryptedRequest", "authenticatedResponse", "encryptedResponse"],
        unicastKey: keyOf("1", suite),
        broadcastKey: keyOf("2", suite),
        authenticationKey: keyOf("3", suite),
        masterKey: keyOf("4", suite),
      })),
    },
  },
};

const associations: DeclarationFile["associations"] = [
  { clientSap: 16 },
  ...plainClients.map(({ sap, mechanism }) => ({ clientSap: sap, mechanism, secret })),
  ...ciphered.map(({ sap, mechanism, suite }) => ({
    clientSap: sap,
    name: `suite ${suite}`,
    context: "ln-ciphered" as const,
    mechanism,
    ...(mechanism === "sha256" ? { secret } : {}),
    security: {
      suite,
      clientSystemTitle: `45584d00000000${sap}`,
      encryptionKey: keyOf("1", suite),
      broadcastKey: keyOf("2", suite),
      authenticationKey: keyOf("3", suite),
      masterKey: keyOf("4", suite),
      dedicatedKey: true,
      invocationCounter: 1,
    },
  })),
];

describe("the gateway", { timeout: 120_000 }, () => {
  let gateway: RunningGateway;

  async function start(): Promise<void> {
    const folder = cleanup.folder();
    const config = join(folder, "settings.json");
    writeFileSync(config, JSON.stringify(settings));
    gateway = await startRun(["--config", config, "--data", join(folder, "data")]);
    cleanup.add(gateway.process);
  }

  const portOf = (door: string): number =>
    Number(gateway.process.log().find((line) => line.msg === "door opened" && line["door"] === door)?.["port"] ?? 0);

  it.each(["wrapper", "hdlc"] as const)("passes every case over %s", async (profile) => {
    await start();
    const port = portOf(profile === "hdlc" ? "hdlc" : "dlms");
    const declaration = resolveDeclaration({
      connection: { profile, host: "127.0.0.1", port, hdlc: { addressLength: 1 } },
      associations,
      extras: { keyTransfer: true, policyActivation: true },
    });
    const results = await runConformance({ declaration }, () => undefined);
    const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
    expect(bad.map(formatResult)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === "pass").length).toBeGreaterThan(300);
  });
});
