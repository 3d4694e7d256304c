import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessGateway, startInProcess } from "../support/running-gateway.js";

interface Answer {
  readonly readouts: readonly { readonly device: string; readonly telegramCount: number }[];
  readonly next: string | null;
  readonly buses: readonly unknown[];
}

describe("readouts of a running gateway over simulated buses", () => {
  let gateway: InProcessGateway;
  beforeAll(async () => {
    gateway = await startInProcess();
    await gateway.readAll();
  }, 60_000);
  afterAll(() => gateway?.stop());

  const get = async (path: string): Promise<Answer> =>
    (await fetch(`${gateway.origin}/api/v1${path}`)).json() as Promise<Answer>;

  it("records each one with its effort, in pages, and sums for each meter", async () => {
    const first = await get("/readouts?limit=25");
    const second = await get(`/readouts?limit=25&cursor=${first.next}`);
    expect([first.readouts.length, second.readouts.length, second.next]).toEqual([25, 15, null]);
    const all = [...first.readouts, ...second.readouts];
    expect(new Set(all.map(({ device }) => device)).size).toBe(40);
    for (const entry of all) {
      expect(entry).toMatchObject({
        origin: "cycle",
        ok: true,
        reason: null,
        message: "Readout successful",
        retries: 0,
      });
      expect(entry.telegramCount).toBeGreaterThanOrEqual(1);
    }
    const device = all[0]?.device;
    expect(await get(`/meters/${device}/statistics`)).toMatchObject({ device, attempts: 1, good: 1, successRate: 1 });
    expect((await get("/readouts?failed=true")).readouts).toEqual([]);
  });

  it("tells of the cycle, of the buses and of the clock", async () => {
    expect(await get("/readouts/cycle")).toMatchObject({
      running: false,
      lateCycles: 0,
      last: { read: 40, failed: 0 },
    });
    const { buses } = await get("/buses");
    expect(buses).toHaveLength(3);
    expect(buses[0]).toMatchObject({ open: true, holder: null, waiting: [] });
    expect(await get("/clock")).toEqual({ good: true, source: "plausible", pendingReadings: 0 });
  });

  it("starts and sends nothing for who may only look", async () => {
    for (const [path, body] of [
      ["/readouts/cycle", undefined],
      ["/send", { interfaceName: "x", primaryAddress: 1, command: "initialise" }],
    ] as const) {
      const response = await fetch(`${gateway.origin}/api/v1${path}`, {
        method: "POST",
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      expect([401, 403]).toContain(response.status);
    }
  });
});
