import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Declaration, formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { type FaultyServer, startFaulty } from "./faulty-proxy.js";
import { securityFaults } from "./faulty-security.js";
import { plainFaults } from "./faulty-servers.js";
import { type OurServer, startOurServer } from "./our-server.js";
import { securedClient } from "./secured-client.js";

let ours: OurServer;
let faulty: FaultyServer | undefined;

beforeAll(async () => {
  ours = await startOurServer();
});
afterAll(() => ours.stop());

const declarationFor = (port: number): Declaration =>
  resolveDeclaration({
    connection: { host: "127.0.0.1", port, timeoutSeconds: 0.4 },
    logicalDevices: [{ sap: 1, name: "EXM0000000000001" }],
    associations: [{ clientSap: 16 }, { clientSap: 1, mechanism: "low", secret: "12345678" }],
    extras: { writable: [{ object: "0-0:96.1.0*255", attribute: 2 }] },
  });

async function look(fault: Parameters<typeof startFaulty>[1], only: readonly string[]) {
  faulty = await startFaulty(ours.port, fault);
  try {
    return await runConformance({ declaration: declarationFor(faulty.port), only }, () => undefined);
  } finally {
    await faulty.stop();
  }
}

describe("a server with one fault", () => {
  it("is told from one without: nothing is found behind a proxy that changes nothing", async () => {
    const results = await look({}, [...new Set(plainFaults.map(({ caughtBy }) => caughtBy))]);
    expect(results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive").map(formatResult)).toEqual(
      [],
    );
  });

  it.each(plainFaults)("that $name is caught by $caughtBy", async (fault) => {
    const results = await look(fault, [fault.caughtBy]);
    const caught = results.filter((result) => result.case.name === fault.caughtBy && result.verdict === "fail");
    expect(caught.length, results.map(formatResult).join("\n")).toBeGreaterThan(0);
  });

  it.each(securityFaults)("secured, that $name is caught by $caughtBy", async (fault) => {
    const isHighAlone = fault.mechanism !== undefined;
    const secured = securedClient(
      isHighAlone ? { suite: 0, mechanism: "sha256", isCiphered: false } : { suite: 0, mechanism: "gmac" },
    );
    const server = await startOurServer({ secured });
    const proxy = await startFaulty(server.port, fault);
    try {
      const declaration = resolveDeclaration({
        connection: { host: "127.0.0.1", port: proxy.port, timeoutSeconds: 0.4 },
        associations: [secured.declared],
        extras: { keyTransfer: true, policyActivation: true },
      });
      const results = await runConformance({ declaration, only: [fault.caughtBy] }, () => undefined);
      const caught = results.filter((result) => result.case.name === fault.caughtBy && result.verdict === "fail");
      expect(caught.length, results.map(formatResult).join("\n")).toBeGreaterThan(0);
    } finally {
      await proxy.stop();
      await server.stop();
    }
  });

  it("stands here more than eighty times", () => {
    expect(plainFaults.length + securityFaults.length).toBeGreaterThanOrEqual(80);
  });
});
