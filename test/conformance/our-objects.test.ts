/** Our server with every class it has, each version of its associations, users, and short time-outs. */
import { afterEach, describe, expect, it } from "vitest";
import { type DeclarationFile, formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { createAssociationObject } from "../../cosem/index.js";
import { createEveryObject } from "../support/every-object.js";
import { type OurServer, type OurServerOptions, startOurServer } from "./our-server.js";

let server: OurServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const publicClient: DeclarationFile["associations"][number] = { clientSap: 16 };

async function look(options: OurServerOptions, file: Partial<DeclarationFile> = {}, only: readonly string[] = [""]) {
  server = await startOurServer(options);
  const { port } = server;
  const { connection, ...rest } = file;
  const declaration = resolveDeclaration({
    associations: [publicClient],
    ...rest,
    connection: { host: "127.0.0.1", port, ...connection },
  });
  const results = await runConformance({ declaration, only }, () => undefined);
  const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
  expect(bad.map(formatResult)).toEqual([]);
  return results.filter(({ verdict }) => verdict === "pass");
}

describe("our server", () => {
  it("passes with an object of every class, each attribute that may be written", async () => {
    const { objects } = createEveryObject();
    const passed = await look({ objects }, { extras: { writable: "all" } });
    const looked = passed.filter((result) => result.case.name === "COSEM_OBJECT");
    expect(looked.length).toBeGreaterThanOrEqual(objects.length);
    expect(looked.filter(({ reason }) => reason.includes("not known here"))).toEqual([]);
  });

  it.each([0, 1, 2, 3] as const)("passes with associations of version %i", async (version) => {
    const passed = await look({ objects: [createAssociationObject({ version })] });
    const rights = passed.find((result) => result.case.name === "NAIVE_19");
    expect(rights?.reason).toContain(`version ${version}`);
  });

  it("passes with a list of users", async () => {
    const passed = await look({ userIds: [3, 7] }, { associations: [{ ...publicClient, userId: 7 }] }, ["APPL_"]);
    expect(passed.map((result) => result.case.name)).toContain("APPL_OPEN_2");
  });

  it("passes with short time-outs, which it keeps", async () => {
    const limits = { halfFrameTimeoutMs: 300, inactivityTimeoutMs: 700 };
    const connection = { halfFrameTimeoutSeconds: 0.3, inactivityTimeoutSeconds: 0.7 };
    const passed = await look({ limits }, { connection }, ["NAIVE_12", "NAIVE_16"]);
    expect(passed.map(({ reason }) => reason.match(/: closed/g)?.length)).toEqual([1, 1]);
  });

  it("fails where it does not keep the time-outs that are declared", async () => {
    const connection = { host: "127.0.0.1", halfFrameTimeoutSeconds: 0.1, inactivityTimeoutSeconds: 0.1 };
    server = await startOurServer();
    const declaration = resolveDeclaration({
      connection: { ...connection, port: server.port },
      associations: [publicClient],
    });
    const results = await runConformance({ declaration, only: ["NAIVE_12", "NAIVE_16"] }, () => undefined);
    expect(results.map(({ verdict }) => verdict)).toEqual(["fail", "fail"]);
  });
});
