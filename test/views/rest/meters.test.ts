import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FixtureApp, openFixtureApp } from "./fixture-app.js";

let rest: FixtureApp;
beforeEach(async () => {
  rest = await openFixtureApp({ deviationMinutes: -60 });
});
afterEach(() => rest.app.close());

describe("GET /gateway and /health", () => {
  it("tells name, zone time, doors, notices and refusals", async () => {
    const { status, body } = await rest.get("gateway");
    expect(status).toBe(200);
    expect(body).toEqual({
      device: "OMG00000001",
      productName: "Open metering gateway",
      version: "0.1.0",
      now: "2026-11-22T13:10:00+01:00",
      startedAt: "2026-11-22T13:00:00+01:00",
      meterCount: 2,
      doors: [{ name: "dlms", port: 4059 }],
      notices: ["Demo: anyone on this machine may read."],
      refusals: [{ what: "association", reason: "wrongPassword", count: 3 }],
    });
    expect((await rest.get("health")).body).toEqual({ status: "ok", uptimeSeconds: 600 });
  });
});

describe("GET /meters", () => {
  it("pages by cursor until the end", async () => {
    const first = await rest.get("meters?limit=1");
    expect(first.body).toMatchObject({ total: 2, next: "16", meters: [{ device: "KAM1234567890804" }] });
    const second = await rest.get("meters?limit=1&cursor=16");
    expect(second.body).toMatchObject({ total: 2, next: null, meters: [{ device: "GWF194583090101" }] });
  });

  it("shows the main values with unit, scaler, time and status", async () => {
    const { body } = await rest.get("meters/KAM1234567890804");
    // Raw 1234 + 9 at scaler 3 is 1243 kWh; reading 9 was at 13:09 local time.
    expect(body["values"]).toContainEqual({
      address: "KAM1234567890804/6-0:1.0.0*255/2",
      description: "energy",
      value: 1243000,
      unit: "Wh",
      scaler: 3,
      raw: 1243,
      time: "2026-11-22T13:09:00+01:00",
      status: "ok",
      unmapped: false,
    });
  });

  it("keeps integers beyond 2^53 exact as text", async () => {
    const { body } = await rest.get("objects/KAM1234567890804/6-0:2.0.0*255");
    expect(body["value"]).toMatchObject({
      value: "900719925474.0993",
      raw: "9007199254740993",
      unit: "m3",
      scaler: -4,
    });
  });

  it("shows float32 with its own digits, and null with a reason where the reading lacks it", async () => {
    const address = "objects/KAM1234567890804/6-0:10.0.0*255";
    expect((await rest.get(address)).body["value"]).toMatchObject({ value: 21.1, raw: 21.1, status: "ok" });
    const [meter] = rest.fixture.meters;
    if (meter !== undefined) rest.fixture.commit(meter);
    expect((await rest.get(address)).body["value"]).toMatchObject({ value: null, status: "not in the newest reading" });
  });

  it("tells what is wrong with a value by the status of its extended register", async () => {
    const [meter] = rest.fixture.meters;
    if (meter !== undefined) meter.newest = 11;
    const { body } = await rest.get("objects/KAM1234567890804/6-0:8.0.0*255");
    expect(body["value"]).toMatchObject({ value: 0.511, status: "no data available" });
  });

  it("tells a failed readout with its cause", async () => {
    const { body } = await rest.get("meters/GWF194583090101");
    expect(body["lastReadout"]).toMatchObject({
      ok: false,
      message: "no answer within 330 ms; check the wiring and the address",
    });
  });

  it("answers a name nobody has with what to do", async () => {
    const { status, type, body } = await rest.get("meters/nobody");
    expect(status).toBe(404);
    expect(type).toMatch(/^application\/problem\+json/);
    expect(body["detail"]).toBe('no meter "nobody"; GET /api/v1/meters lists them');
  });

  it("finds a meter by its alias", async () => {
    expect((await rest.get("meters/sap17")).body["device"]).toBe("GWF194583090101");
  });
});

describe("GET /meters/{device}/objects", () => {
  it("lists every object in words, in pages", async () => {
    const first = await rest.get("meters/KAM1234567890804/objects?limit=4");
    expect(first.body["next"]).toBe("4");
    const second = await rest.get("meters/KAM1234567890804/objects?limit=4&cursor=4");
    expect(second.body["next"]).toBeNull();
    const all = [first, second].flatMap(({ body }) => body["objects"] as { description: string; className: string }[]);
    expect(all.map(({ description }) => description)).toEqual([
      "logical device name",
      "identification",
      "energy",
      "volume flow",
      "volume",
      "flow temperature",
      "load profile 1: every reading",
    ]);
  });

  it("lists the gateway's own objects too", async () => {
    const { body } = await rest.get("meters/gateway/objects");
    expect(body["objects"]).toMatchObject([{ description: "logical device name" }, { description: "clock" }]);
  });
});

describe("queries", () => {
  it("refuses unknown keys by name", async () => {
    const { status, body } = await rest.get("meters?limt=5");
    expect(status).toBe(400);
    expect(body["detail"]).toContain('query key "limt" is not known');
  });

  it.each(["limit=0", "limit=501", "limit=1.5", "limit=x", "cursor=-1", "cursor=x", "limit=1&limit=2"])(
    "refuses %s",
    async (query) => {
      expect((await rest.get(`meters?${query}`)).status).toBe(400);
    },
  );
});

describe("GET /meters/{device}/telegram", () => {
  it("shows the newest telegram with each byte explained", async () => {
    const { status, body } = await rest.get("meters/KAM1234567890804/telegram");
    expect(status).toBe(200);
    expect(body).toEqual({
      readingNumber: 9,
      readAt: "2026-11-22T13:09:00+01:00",
      telegrams: [
        {
          source: "stored",
          title: "application data",
          hex: "78011605",
          fields: [
            { depth: 0, offset: 0, length: 1, hex: "78", name: "CI field", meaning: "readout, no header", value: null },
            { depth: 0, offset: 1, length: 3, hex: "011605", name: "record", meaning: "Volume", value: "5 m3" },
            {
              depth: 1,
              offset: 1,
              length: 1,
              hex: "01",
              name: "DIF",
              meaning: "instantaneous value, 8-bit integer",
              value: null,
            },
            { depth: 1, offset: 2, length: 1, hex: "16", name: "VIF", meaning: "Volume in m3", value: null },
            { depth: 1, offset: 3, length: 1, hex: "05", name: "data", meaning: "", value: "5 m3" },
          ],
          opened: [],
        },
      ],
      notKept: null,
    });
  });

  it("says so where there is no such meter", async () => {
    expect((await rest.get("meters/XYZ/telegram")).status).toBe(404);
  });
});
