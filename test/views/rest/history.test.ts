import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FixtureApp, openFixtureApp } from "./fixture-app.js";

interface Page {
  readonly columns: { address: string; description: string; unit: string }[];
  readonly rows: { time: string; status: string; values: unknown[] }[];
  readonly next: string | null;
}

let rest: FixtureApp;
beforeEach(async () => {
  rest = await openFixtureApp();
});
afterEach(() => rest.app.close());

const page = async (query: string) =>
  (await rest.get(`meters/KAM1234567890804/history?${query}`)).body as unknown as Page;
const minutes = ({ rows }: Page) => rows.map(({ time }) => Number(time.slice(14, 16)));

describe("GET /meters/{device}/history", () => {
  it("gives every reading with units and exact values, oldest first", async () => {
    const all = await page("");
    expect(all.columns.map(({ description, unit }) => `${description} ${unit}`)).toEqual([
      "energy Wh",
      "volume flow m3/h",
      "volume m3",
      "flow temperature °C",
    ]);
    expect(all.rows[0]).toEqual({
      time: "2026-11-22T12:00:00Z",
      status: "ok",
      values: [1234000, 0.5, "900719925474.0993", null],
    });
    expect(all.rows[9]).toEqual({
      time: "2026-11-22T12:09:00Z",
      status: "ok",
      values: [1243000, 0.509, "900719925474.0993", 21.1],
    });
    expect(all.next).toBeNull();
  });

  it("refuses a day that the calendar has not", async () => {
    expect((await rest.get("meters/KAM1234567890804/history?from=2026-02-30T00:00:00Z")).status).toBe(400);
    expect((await rest.get("meters/KAM1234567890804/history?from=2026-02-28T00:00:00Z")).status).toBe(200);
  });

  it("pages by cursor without gap or repetition", async () => {
    const seen: number[] = [];
    let query = "limit=3";
    for (;;) {
      const part = await page(query);
      seen.push(...minutes(part));
      if (part.next === null) break;
      expect(part.rows).toHaveLength(3);
      query = `limit=3&cursor=${part.next}`;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("takes a range in any zone, both ends included, and pages inside it", async () => {
    const range = "from=2026-11-22T13:02:00%2B01:00&to=2026-11-22T12:05:00Z";
    expect(minutes(await page(range))).toEqual([2, 3, 4, 5]);
    const first = await page(`${range}&limit=3`);
    expect(minutes(await page(`${range}&limit=3&cursor=${first.next}`))).toEqual([5]);
  });

  it("takes a plus that the query string turned into a blank", async () => {
    expect(minutes(await page("from=2026-11-22T13:08:00+01:00"))).toEqual([8, 9]);
  });

  it("gives nothing for a range without readings", async () => {
    expect((await page("from=2027-01-01T00:00:00Z")).rows).toEqual([]);
    expect((await page("to=1969-01-01T00:00:00Z")).rows).toEqual([]);
  });

  it("gives the columns that were asked for", async () => {
    const some = await page("columns=6-0:8.0.0*255,6-0:1.0.0&limit=1");
    expect(some.columns.map(({ description }) => description)).toEqual(["energy", "volume flow"]);
    expect(some.rows[0]?.values).toEqual([1234000, 0.5]);
  });

  it.each([
    ["from=yesterday", 'query key "from" is not a moment'],
    ["to=2026-11-22", 'query key "to" is not a moment'],
    ["from=2026-02-31T25:00:00Z", 'query key "from" is not a moment'],
    ["limit=5001", 'query key "limit"'],
    ["cursor=abc", 'query key "cursor"'],
    ["columns=6-0:3.0.0", 'no column "6-0:3.0.0"; there are 6-0:1.0.0*255'],
  ])("refuses %s and says how to write it", async (query, detail) => {
    const { status, body } = await rest.get(`meters/KAM1234567890804/history?${query}`);
    expect(status).toBe(400);
    expect(body["detail"]).toContain(detail);
  });

  it("says why the gateway itself has no history", async () => {
    const { status, body } = await rest.get("meters/gateway/history");
    expect(status).toBe(404);
    expect(body["detail"]).toContain("has no load profile 1");
  });
});
