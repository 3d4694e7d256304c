import { describe, expect, it } from "vitest";
import { offsetAt } from "../../../src/scheduler/index.js";
import { periodAt } from "../../../src/services/series/periods.js";

const stockholm = { offsetAt: (instant: number) => offsetAt(instant, "Europe/Stockholm") };
const kathmandu = { offsetAt: (instant: number) => offsetAt(instant, "Asia/Kathmandu") };
const lordHowe = { offsetAt: (instant: number) => offsetAt(instant, "Australia/Lord_Howe") };
const span = (text: string, period: "hour" | "day" | "month", zone = stockholm) => {
  const { fromMs, toMs } = periodAt(Date.parse(text), period, zone);
  return [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
};

// Summer time 2026 in the European Union: from 29 March 01:00Z to 25 October 01:00Z.
describe("periods of a zone", () => {
  it("has a day of 23 hours in spring and one of 25 in autumn", () => {
    expect(span("2026-03-29T12:00:00Z", "day")).toEqual(["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"]);
    expect(span("2026-10-25T12:00:00Z", "day")).toEqual(["2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"]);
  });

  it("tells both hours from 2 to 3 in autumn apart, and has none in spring", () => {
    expect(span("2026-10-25T00:30:00Z", "hour")).toEqual(["2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z"]);
    expect(span("2026-10-25T01:30:00Z", "hour")).toEqual(["2026-10-25T01:00:00.000Z", "2026-10-25T02:00:00.000Z"]);
    expect(span("2026-03-29T00:59:59.999Z", "hour")).toEqual(["2026-03-29T00:00:00.000Z", "2026-03-29T01:00:00.000Z"]);
    expect(span("2026-03-29T01:00:00Z", "hour")).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-29T02:00:00.000Z"]);
  });

  it("has months of local time", () => {
    expect(span("2026-10-31T23:30:00Z", "month")).toEqual(["2026-10-31T23:00:00.000Z", "2026-11-30T23:00:00.000Z"]);
    expect(span("2026-03-15T00:00:00Z", "month")).toEqual(["2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"]);
    expect(span("2026-12-15T00:00:00Z", "month")).toEqual(["2026-11-30T23:00:00.000Z", "2026-12-31T23:00:00.000Z"]);
  });

  it("knows zones of a quarter hour: Kathmandu is 5:45 ahead", () => {
    expect(span("2026-05-01T00:00:00Z", "hour", kathmandu)).toEqual([
      "2026-04-30T23:15:00.000Z",
      "2026-05-01T00:15:00.000Z",
    ]);
  });

  // Lord Howe Island sets its clock by half an hour: on 5 October 2025 at 2:00 (15:30Z) from +10:30 to +11, back on
  // 5 April 2026 at 2:00 (15:00Z on the 4th).
  it("ends an hour where the clock changes within it", () => {
    const at = (text: string) => span(text, "hour", lordHowe);
    expect(at("2025-10-04T15:00:00Z")).toEqual(["2025-10-04T14:30:00.000Z", "2025-10-04T15:30:00.000Z"]);
    expect(at("2025-10-04T15:30:00Z")).toEqual(["2025-10-04T15:30:00.000Z", "2025-10-04T16:00:00.000Z"]);
    expect(at("2025-10-04T16:00:00Z")).toEqual(["2025-10-04T16:00:00.000Z", "2025-10-04T17:00:00.000Z"]);
    expect(at("2026-04-04T14:59:00Z")).toEqual(["2026-04-04T14:00:00.000Z", "2026-04-04T15:00:00.000Z"]);
    expect(at("2026-04-04T15:00:00Z")).toEqual(["2026-04-04T15:00:00.000Z", "2026-04-04T15:30:00.000Z"]);
  });
});
