import { connect } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRestView, type RestView } from "../../../src/views/rest/index.js";
import { createFixture } from "../../support/rest-fixture.js";
import { twoMeters } from "../../support/rest-fixture-meters.js";
import { systemClock } from "../../support/system-clock.js";
import { type FixtureApp, firstReadingMs, openFixtureApp } from "./fixture-app.js";

describe("the Host header", () => {
  let rest: FixtureApp;
  beforeEach(async () => {
    rest = await openFixtureApp();
  });
  afterEach(() => rest.app.close());

  it.each(["localhost", "localhost:8080", "127.0.0.1:1", "[::1]", "[::1]:8080", "LOCALHOST"])(
    "takes %s",
    async (host) => {
      expect((await rest.app.inject({ url: "/api/v1/health", headers: { host } })).statusCode).toBe(200);
    },
  );
  it.each(["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example", ".", "localhost:80:80"])(
    "refuses %s, since it may be a rebound name",
    async (host) => {
      const response = await rest.app.inject({ url: "/api/v1/meters", headers: { host } });
      expect(response.statusCode).toBe(421);
      expect(response.json()["detail"]).toContain("localhost");
    },
  );
});

describe("any path and query", () => {
  it("gives an answer or a problem, never a fault", async () => {
    const rest = await openFixtureApp();
    const part = fc.oneof(
      fc.constantFrom(
        "meters",
        "objects",
        "history",
        "events",
        "docs",
        "..",
        "%2e%2e",
        "sap16",
        "gateway",
        "%00",
        "%zz",
      ),
      fc.constantFrom("6-0:1.0.0*255", "0-0:1.0.0*255", "7:6-0:99.1.0*255", "65536:0-0:1.0.0*255", "999", "2", "-1"),
      fc.string({ maxLength: 40 }),
      fc.webSegment(),
    );
    const key = fc.constantFrom("limit", "cursor", "from", "to", "columns", "__proto__", "x");
    const value = fc.oneof(
      fc.constantFrom("1", "0", "-1", "1e9", "9".repeat(30), "2026-11-22T12:00:00Z", "9999-12-31T23:59:59-14:00"),
      fc.constantFrom("0000-01-01T00:00:00Z", "1.1", "999999999999999.999999", "6-0:1.0.0,6-0:1.0.0", "[]", "%"),
      fc.string({ maxLength: 60 }),
    );
    const url = fc
      .tuple(fc.array(part, { maxLength: 5 }), fc.array(fc.tuple(key, value), { maxLength: 3 }))
      .map(([parts, pairs]) => {
        const query = pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join("&");
        return `/api/v1/${parts.join("/")}?${query}`.replace(/[\s#\\]/g, "_");
      })
      // The event stream does not end, by whichever way of dots it is asked for.
      .filter((text) => !new URL(text, "http://localhost").pathname.startsWith("/api/v1/events"));
    await fc.assert(
      fc.asyncProperty(url, async (path) => {
        const { statusCode, headers } = await rest.app.inject({ url: `http://localhost${path}` });
        expect(statusCode, path).toBeLessThan(500);
        if (statusCode >= 400) expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
      }),
      { numRuns: 1_500 },
    );
    expect(rest.fixture.log.filter((line) => line.startsWith("error"))).toEqual([]);
    await rest.app.close();
  });
});

describe("the open port", () => {
  let view: RestView;
  let port: number;
  beforeEach(async () => {
    const parts = { meters: twoMeters(), clock: systemClock, firstReadingMs, periodMs: 60_000 };
    view = createRestView({ ...createFixture(parts).options, host: "127.0.0.1", port: 0, webRoot: undefined });
    ({ port } = await view.start());
  });
  afterEach(() => view.stop());

  const send = (bytes: string | Uint8Array) =>
    new Promise<string>((resolve) => {
      let answer = "";
      const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", () => {});
    });

  it("survives bytes that are no HTTP, and goes on answering", async () => {
    await send(Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) & 0xff));
    await send("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n");
    await send(`GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await send(`POST /api/v1/meters HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx`);
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/health`);
    expect(answer.status).toBe(200);
  });

  it("refuses other methods with a problem", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/meters`, { method: "DELETE" });
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });

  it("says that the port is taken when it is", async () => {
    const parts = { meters: twoMeters(), clock: systemClock, firstReadingMs, periodMs: 60_000 };
    const second = createRestView({ ...createFixture(parts).options, host: "127.0.0.1", port, webRoot: undefined });
    await expect(second.start()).rejects.toMatchObject({ code: "EADDRINUSE" });
    await second.stop();
  });
});
