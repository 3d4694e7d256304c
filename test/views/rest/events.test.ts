import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventClient } from "../../../src/views/rest/event-client.js";
import { createRestView, type RestView } from "../../../src/views/rest/index.js";
import { createFixture, type Fixture } from "../../support/rest-fixture.js";
import { twoMeters } from "../../support/rest-fixture-meters.js";
import { systemClock } from "../../support/system-clock.js";
import { firstReadingMs } from "./fixture-app.js";

/** Reads a stream until its text holds `wanted`. */
async function readUntil(response: Response, wanted: string): Promise<string> {
  const reader = response.body?.getReader();
  let text = "";
  while (reader !== undefined && !text.includes(wanted)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  reader?.releaseLock();
  return text;
}

describe("GET /events", () => {
  let fixture: Fixture;
  let view: RestView;
  let url: string;
  beforeEach(async () => {
    fixture = createFixture({ meters: twoMeters(), clock: systemClock, firstReadingMs, periodMs: 60_000 });
    view = createRestView({ ...fixture.options, host: "127.0.0.1", port: 0, webRoot: undefined, maxEventClients: 3 });
    url = `http://127.0.0.1:${(await view.start()).port}/api/v1/events`;
  });
  afterEach(() => view.stop());

  it("tells each committed readout with the newest values", async () => {
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
    const [meter] = fixture.meters;
    if (meter !== undefined) fixture.commit(meter);
    const text = await readUntil(response, "}\n\n");
    const [, event, data] = /event: (\w+)\ndata: (.*)\n\n/.exec(text) ?? [];
    expect(event).toBe("meter");
    // Reading 10: raw 1234 + 10 at scaler 3.
    expect(JSON.parse(data ?? "")).toMatchObject({
      device: "KAM1234567890804",
      readingNumber: 10,
      values: [{ value: 1244000, unit: "Wh" }, {}, {}, {}],
    });
  });

  it("tells added devices as resynchronise", async () => {
    const response = await fetch(url);
    const device = fixture.options.registry.device("sap16");
    if (device !== undefined) fixture.notify({ kind: "deviceAdded", device });
    expect(await readUntil(response, "data: {}\n\n")).toContain("event: resynchronise\n");
  });

  it("limits the clients and says so; a closed one makes room", async () => {
    const streams = [new AbortController(), new AbortController(), new AbortController()];
    for (const { signal } of streams) await fetch(url, { signal });
    const refused = await fetch(url);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("30");
    streams[0]?.abort();
    await expect.poll(async () => (await fetch(url)).status).toBe(200);
  });

  it("closes within a second while streams are open", async () => {
    const response = await fetch(url);
    const startedAt = performance.now();
    await view.stop();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await readUntil(response, "never").catch(() => "broken")).not.toContain("event:");
  });
});

describe("EventClient", () => {
  function slowClient() {
    const written: string[] = [];
    const state = { accepts: true, destroyed: false };
    const client = new EventClient({
      write: (text) => {
        written.push(text);
        return state.accepts;
      },
      end: () => {},
      destroy: () => {
        state.destroyed = true;
      },
    });
    return { client, written, state };
  }

  it("holds back while the other side is slow, newest event of each meter only", () => {
    const { client, written, state } = slowClient();
    state.accepts = false;
    client.send("sap16", "first");
    client.send("sap16", "second");
    client.send("sap17", "other");
    client.send("sap16", "third");
    expect(written).toEqual(["first"]);
    state.accepts = true;
    client.drained();
    expect(written).toEqual(["first", "third", "other"]);
  });

  it("drops everything past 256 waiting events and says resynchronise once", () => {
    const { client, written, state } = slowClient();
    state.accepts = false;
    for (let index = 0; index < 1_000; index++) client.send(`sap${index}`, `event ${index}`);
    state.accepts = true;
    client.drained();
    expect(written).toEqual(["event 0", "event: resynchronise\ndata: {}\n\n"]);
  });

  it("breaks a connection that reads nothing for five heartbeats", () => {
    const { client, written, state } = slowClient();
    state.accepts = false;
    client.send("sap16", "first");
    for (let beat = 0; beat < 4; beat++) client.heartbeat();
    expect(state.destroyed).toBe(false);
    client.heartbeat();
    expect(state.destroyed).toBe(true);
    expect(written).toEqual(["first"]);
  });
});
