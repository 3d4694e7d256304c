import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Cleanup, until } from "../../support/gateway-process.js";
import { ownerOf } from "../../support/owner.js";
import { startInProcess } from "../../support/running-gateway.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

let served: { body: string | Buffer; etag?: string };
let asked: IncomingMessage["headers"][];
let url: string;

beforeEach(async () => {
  asked = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    if (served.etag !== undefined && request.headers["if-none-match"] === served.etag) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, served.etag === undefined ? {} : { etag: served.etag }).end(served.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.after(() => new Promise((resolve) => server.close(resolve)));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway.yaml`;
});

async function gateway(folder = cleanup.folder()) {
  const autoConfiguration = { enabled: true, url, user: "fleet", password: "opensesame" };
  const started = cleanup.add(
    await startInProcess({ autoConfiguration }, {}, folder, { isWebOpen: false, hasFile: true }),
  );
  const call = ownerOf(folder);
  async function fetchNow(): Promise<{ outcome: string; words: string }> {
    const begun = await call("POST", "/jobs/autoconfiguration/start", {});
    expect(begun.status).toBe(200);
    return until("the end of the run", async () => {
      const { runs } = (await call("GET", "/job-runs?job=autoconfiguration&limit=1")).body as unknown as {
        runs: { id: number; outcome: string | null; words: string }[];
      };
      const [run] = runs;
      return run?.id === begun.body["id"] && run?.outcome !== null
        ? { outcome: String(run?.outcome), words: String(run?.words) }
        : undefined;
    });
  }
  async function changes() {
    const { entries } = (await call("GET", "/audit?action=settings.change")).body as unknown as {
      entries: { user: string; door: string; peer: string; detail: string; result: string }[];
    };
    return entries.map(({ user, door, peer, detail, result }) => ({ user, door, peer, detail, result }));
  }
  const file = () => readFileSync(join(folder, "settings.yaml"), "utf8");
  return { ...started, call, fetchNow, changes, file, folder };
}

it("applies a configuration file as a whole, once, and leaves an audit entry", async () => {
  served = {
    body: "readout: { retries: 2 }\nlog: { minimumSeverity: 1 }\nmail: { password: very-secret-9 }\n",
    etag: '"1"',
  };
  const { call, fetchNow, changes, file, stop, folder } = await gateway();
  const applied = await fetchNow();
  expect(applied.outcome, applied.words).toBe("good");
  expect(applied.words).toMatch(/^changed .*readout\.retries/);
  expect(asked[0]).toMatchObject({
    authorization: `Basic ${Buffer.from("fleet:opensesame").toString("base64")}`,
    "user-agent": expect.stringMatching(/^Model\/CosemGateway Serial\/00000001 Application\//),
  });
  const { settings } = (await call("GET", "/settings")).body as { settings: { readout: { retries: number } } };
  expect(settings.readout.retries).toBe(2);
  // What it does not name stays; what is secret is sealed.
  expect(file()).toContain("managementPassword: enc:");
  expect(file()).not.toContain("very-secret-9");
  const [entry, ...more] = await changes();
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ user: "gateway", door: "autoconfiguration", peer: new URL(url).host, result: "done" });
  expect(entry?.detail.split(", ").sort()).toEqual(["log.minimumSeverity", "mail.password", "readout.retries"]);

  // A change that a person makes meanwhile is not undone by the same file.
  await call("PATCH", "/settings", { readout: { retries: 3 } });
  expect(await fetchNow()).toEqual({ outcome: "good", words: "the file is the one that was applied last" });
  await stop();
  const again = await gateway(folder);
  served = { body: served.body };
  expect(await again.fetchNow()).toEqual({ outcome: "good", words: "the file is the one that was applied last" });
  expect(again.file()).toContain("retries: 3");
});

it.each([
  ["a value that is not allowed", "readout: { retries: 2, schedule: never }\n", /nothing was changed: .*schedule/],
  ["a setting that there is not", "readout: { retries: 2, colour: blue }\n", /nothing was changed: .*colour/],
  ["a setting of one device", "identity: { serial: '99999999' }\nreadout: { retries: 2 }\n", /identity\.serial belong/],
  ["a command file", "#!cad 1\nset readout.retries 2\n", /command file.*no console yet/],
  ["a page", "<html><body>Log in</body></html>", /no settings|no YAML/],
  ["no YAML", "readout: [1, 2\n", /the file is no YAML/],
  ["no text", Buffer.from([0x1f, 0x8b, 0x08, 0xff]), /the file is no text/],
  ["nothing", "", /the file is empty/],
])("changes nothing for %s", async (_what, body, words) => {
  served = { body };
  const { fetchNow, changes, file } = await gateway();
  const before = file();
  const run = await fetchNow();
  expect(run).toMatchObject({ outcome: "failed", words: expect.stringMatching(words) });
  expect(file()).toBe(before);
  expect(await changes()).toEqual([]);
});
