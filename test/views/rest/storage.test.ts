import { afterAll, beforeAll, expect, it } from "vitest";
import { type FixtureApp, openFixtureApp } from "./fixture-app.js";

let rest: FixtureApp;
beforeAll(async () => {
  rest = await openFixtureApp();
});
afterAll(() => rest.app.close());

it("tells what the history takes and how long the disk lasts", async () => {
  const { status, body } = await rest.get("storage");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    readings: 1000,
    oldest: "2026-11-22T12:00:00Z",
    newest: "2026-11-22T12:09:00Z",
    bytesPerReading: 4.5,
    forecast: "full in 4.2 years",
    capacity: [{ meters: 1, intervalSeconds: 900, years: 40, cme3100Years: 15 }],
  });
});

it("gives a meter's telegrams as they were received", async () => {
  const { body } = await rest.get("meters/sap16/received");
  expect(body).toEqual({ telegrams: [{ receivedAt: "2026-11-22T12:09:00Z", hex: "680572" }] });
  expect((await rest.get("meters/nobody/received")).status).toBe(404);
  expect((await rest.get("meters/sap16/received?limit=0")).status).toBe(400);
});
