/** Every object of a gateway with meters before the harness, in both profiles, with all that is writable written. */
import { describe, expect, it } from "vitest";
import { formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { startInProcess } from "../support/running-gateway.js";

describe("the logical devices", { timeout: 120_000 }, () => {
  it.each([
    ["open", "XXX00000001", 300],
    ["cme3100", "XXX0000000001", 80],
  ] as const)(
    "pass the harness's cases about objects, lists and profiles under profile %s",
    async (profile, name, least) => {
      const gateway = await startInProcess({ profile }, { failuresPerMinute: 0 });
      try {
        for (let cycle = 0; cycle < 5; cycle++) await gateway.readAll();
        const declaration = resolveDeclaration({
          connection: { profile: "wrapper", host: "127.0.0.1", port: gateway.dlmsPort, timeoutSeconds: 20 },
          logicalDevices: [{ sap: 1, name }, { sap: 16 }, { sap: 25 }],
          associations: [{ clientSap: 16 }, { clientSap: 1, mechanism: "low", secret: gateway.password }],
          extras: { writable: "all", profile: { logicalDevice: 16, object: "1-0:99.1.0" } },
        });
        const only = ["COSEM_", "MULTI_", "PROFILE_"];
        const results = await runConformance({ declaration, only }, () => undefined);
        const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
        expect(bad.map(formatResult)).toEqual([]);
        expect(results.filter(({ verdict }) => verdict === "pass").length).toBeGreaterThan(least);
      } finally {
        await gateway.stop();
      }
    },
  );
});
