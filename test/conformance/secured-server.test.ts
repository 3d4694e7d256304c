import { afterEach, describe, expect, it } from "vitest";
import { formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { type OurServer, physicalAddress, startOurHdlcServer, startOurServer } from "./our-server.js";
import { type SecuredOptions, securedClient } from "./secured-client.js";

let server: OurServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const cases: readonly SecuredOptions[] = [
  { suite: 0, mechanism: "md5", isCiphered: false },
  { suite: 0, mechanism: "sha1", isCiphered: false },
  { suite: 0, mechanism: "sha256", isCiphered: false },
  { suite: 0, mechanism: "gmac", isCiphered: false },
  { suite: 1, mechanism: "ecdsa", isCiphered: false },
  { suite: 0, mechanism: "none" },
  { suite: 0, mechanism: "low" },
  { suite: 0, mechanism: "md5" },
  { suite: 0, mechanism: "gmac" },
  { suite: 0, mechanism: "gmac", style: "general-glo" },
  { suite: 1, mechanism: "gmac" },
  { suite: 1, mechanism: "ecdsa" },
  { suite: 2, mechanism: "sha256" },
  { suite: 2, mechanism: "ecdsa" },
];

describe("our server, secured", () => {
  it.each(cases)("passes every case with %j", async (options) => {
    const secured = securedClient(options);
    server = await startOurServer({ secured });
    const declaration = resolveDeclaration({
      connection: { host: "127.0.0.1", port: server.port },
      logicalDevices: [{ sap: 1, name: "EXM0000000000001" }],
      associations: [secured.declared],
      extras: { keyTransfer: true, policyActivation: true },
    });
    const results = await runConformance({ declaration }, () => undefined);
    const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
    expect(bad.map(formatResult)).toEqual([]);
    const passed = results.filter(({ verdict }) => verdict === "pass").map((result) => result.case.name);
    if (options.isCiphered === false) return;
    expect(passed.filter((name) => name.startsWith(`SYMSEC_${options.suite}_`))).toHaveLength(16);
    expect(passed).toContain("NAIVE_8");
  });

  it("passes every case over HDLC, ciphered", async () => {
    const secured = securedClient({ suite: 0, mechanism: "gmac" });
    server = await startOurHdlcServer({ secured });
    const declaration = resolveDeclaration({
      connection: {
        profile: "hdlc",
        host: "127.0.0.1",
        port: server.port,
        hdlc: { addressLength: 2, physicalAddress },
      },
      associations: [secured.declared],
    });
    const results = await runConformance({ declaration }, () => undefined);
    const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
    expect(bad.map(formatResult)).toEqual([]);
  });
});
