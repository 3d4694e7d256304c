import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FixtureApp, openFixtureApp } from "./fixture-app.js";

let rest: FixtureApp;
beforeEach(async () => {
  rest = await openFixtureApp({ denied: ["6-0:2.0.0*255/2"] });
});
afterEach(() => rest.app.close());

describe("GET /objects/{address}", () => {
  it.each([
    "objects/KAM1234567890804/6-0:1.0.0*255/3",
    "objects/KAM1234567890804/6-0:1.0.0%2A255/3",
    "objects/KAM1234567890804/6-0%3A1.0.0*255/3",
    "objects/KAM1234567890804/3:6-0:1.0.0*255/3",
    "objects/KAM1234567890804/6-0:1.0.0/3",
    "objects/sap16/6-0:1.0.0*255/3",
    "objects/KAM1234567890804%2F6-0%3A1.0.0%2A255%2F3",
  ])("reads %s", async (path) => {
    const { status, body } = await rest.get(path);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      address: "KAM1234567890804/6-0:1.0.0*255",
      classId: 3,
      className: "Register",
      attributes: [{ index: 3, name: "scalerUnit", access: "get", value: { scaler: 3, unit: 30 }, error: null }],
    });
  });

  it("shows all attributes in the JSON of their types", async () => {
    const { body } = await rest.get("objects/KAM1234567890804/6-0:8.0.0*255");
    const attributes = body["attributes"] as { name: string; value: unknown }[];
    expect(attributes.map(({ name, value }) => [name, value])).toEqual([
      ["logicalName", "6-0:8.0.0*255"],
      ["value", 509],
      ["scalerUnit", { scaler: -3, unit: 15 }],
      ["status", null],
      ["captureTime", "2026-11-22T12:09:00Z"],
    ]);
  });

  it("points to the history for a profile's buffer", async () => {
    const { body } = await rest.get("objects/KAM1234567890804/6-0:99.1.0*255/2");
    expect(body["attributes"]).toMatchObject([
      { value: null, error: "10 entries: page through GET /api/v1/meters/KAM1234567890804/history" },
    ]);
  });

  it.each([
    ["objects/gateway/0-0:9.9.9*255", 404, "OMG00000001 has no object 0-0:9.9.9*255"],
    ["objects/gateway/1:0-0:1.0.0*255", 404, "has no object"],
    ["objects/gateway/0-0:1.0.0*255/9", 404, "Clock has no attribute 9"],
    ["objects/nobody/0-0:1.0.0*255", 404, 'no meter "nobody"'],
    ["objects/gateway/energy", 400, "is not an address; write <device>/<OBIS>"],
    ["objects/gateway/0-0:1.0.0*256", 400, "is not an address"],
    ["objects/gateway/0-0:1.0.0*255/x", 400, 'path key "attribute"'],
    ["objects/KAM1234567890804/6-0:2.0.0*255/2", 403, "this role may not read it"],
    ["objects/gateway", 400, "is not an address"],
  ])("answers %s with %i and what to do", async (path, status, detail) => {
    const answer = await rest.get(path);
    expect(answer.status).toBe(status);
    expect(answer.type).toMatch(/^application\/problem\+json/);
    expect(answer.body["detail"]).toContain(detail);
  });

  it("shows the other attributes of an object where one is denied", async () => {
    const { status, body } = await rest.get("objects/KAM1234567890804/6-0:2.0.0*255");
    expect(status).toBe(200);
    expect(body["value"]).toMatchObject({ value: null, status: "this role may not read it", unit: "m3" });
  });
});
