import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Cleanup, startRun, until, when } from "../support/gateway-process.js";
import { ownerOf } from "../support/owner.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it("a job that a kill cut short says after the restart that it did not finish", async () => {
  // A server that never answers: the job is under way for as long as it is asked.
  let asked = 0;
  const server = createServer(() => asked++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const folder = cleanup.folder();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/settings.yaml`;
  const path = join(folder, "settings.yaml");
  const doors = "doors: { web: { port: 0 }, dlms: { enabled: false } }";
  writeFileSync(path, `${doors}\nreadout: { enabled: false }\nautoConfiguration: { url: "${url}" }\n`, { mode: 0o600 });
  const words = ["--config", path, "--data", folder];
  const first = await cleanup.gateway(startRun(words));
  const begun = await ownerOf(folder)("POST", "/jobs/autoconfiguration/start", {});
  expect(begun.status).toBe(200);
  await until("the request", () => when(asked > 0));
  first.process.signal("SIGKILL");
  await first.process.exited;

  const second = await cleanup.gateway(startRun(words));
  const call = ownerOf(folder);
  const { body } = await call("GET", "/jobs/autoconfiguration");
  expect(body).toMatchObject({
    isActive: false,
    run: null,
    last: { id: begun.body["id"], outcome: "interrupted", words: "the gateway ended while it ran" },
  });
  expect(second.process.logged("a job was interrupted by the gateway's end")).toMatchObject({
    job: "autoconfiguration",
  });
  // It runs again when it is asked to, on a record of its own.
  const again = await call("POST", "/jobs/autoconfiguration/start", {});
  expect(again.status).toBe(200);
  expect((await call("POST", "/jobs/autoconfiguration/stop")).status).toBe(200);
  const runs = await until("the end of the second run", async () => {
    const listed = (await call("GET", "/job-runs?job=autoconfiguration")).body["runs"] as { outcome: string | null }[];
    return listed[0]?.outcome === null ? undefined : listed.map(({ outcome }) => outcome);
  });
  expect(runs).toEqual(["stopped", "interrupted"]);
});
