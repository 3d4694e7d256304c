import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { type LinkFault, linkFaults, startFaultyLink } from "./faulty-links.js";
import { type OurServer, startOurHdlcServer } from "./our-server.js";

let ours: OurServer;
beforeAll(async () => {
  ours = await startOurHdlcServer();
});
afterAll(() => ours.stop());

async function look(fault: Partial<LinkFault>, only: readonly string[]) {
  const proxy = await startFaultyLink(ours.port, fault);
  try {
    const declaration = resolveDeclaration({
      connection: { profile: "hdlc", host: "127.0.0.1", port: proxy.port, timeoutSeconds: 0.6 },
      associations: [{ clientSap: 16 }],
    });
    return await runConformance({ declaration, only }, () => undefined);
  } finally {
    await proxy.stop();
  }
}

describe("an HDLC server with one fault", () => {
  it("is told from one without", async () => {
    const results = await look({}, [...new Set(linkFaults.map(({ caughtBy }) => caughtBy))]);
    expect(results.filter(({ verdict }) => verdict !== "pass").map(formatResult)).toEqual([]);
  });

  it.each(linkFaults)("that $name is caught by $caughtBy", async (fault) => {
    const results = await look(fault, [fault.caughtBy]);
    expect(
      results.some(({ verdict }) => verdict === "fail"),
      results.map(formatResult).join("\n"),
    ).toBe(true);
  });
});
