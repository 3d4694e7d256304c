import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Data } from "../../cosem/index.js";
import type { CosemObjectDetail, History, Meter, MeterList } from "../../src/views/rest/contract.js";
import { openDlms } from "../support/dlms-session.js";
import { Cleanup, fetchAsOwner, type RunningGateway, startRun, when } from "../support/gateway-process.js";
import { faultsOf, loopbackDoors, readDatabase, readLedger, type Simulator, startSimulator } from "./kill-run.js";

const password = "opensesame";
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function json<T>(url: string): Promise<T> {
  const answer = await fetchAsOwner(url);
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
  return (await answer.json()) as T;
}

async function allMeters({ origin }: RunningGateway): Promise<readonly Meter[]> {
  return (await json<MeterList>(`${origin}/api/v1/meters?limit=500`)).meters;
}

async function afterCycle(starting: Promise<RunningGateway>): Promise<RunningGateway> {
  const gateway = await cleanup.gateway(starting);
  await gateway.process.until("a readout cycle", () =>
    when(gateway.process.logged("readout cycle ended") !== undefined),
  );
  return gateway;
}

describe("run against buses behind TCP", { timeout: 60_000 }, () => {
  let simulator: Simulator;
  let words: readonly string[];
  let data: string;

  async function simulate(more: string): Promise<void> {
    simulator = await startSimulator(cleanup, "none", loopbackDoors(more));
    data = join(cleanup.folder(), "data");
    words = ["--config", simulator.config, "--data", data];
  }

  describe("with a management password", () => {
    beforeEach(() => simulate(`, managementPassword: ${password}`));

    it("shows the values of all meters over REST, and over DLMS to client 1", async () => {
      const gateway = await afterCycle(startRun([...words, "--read-now"]));
      expect(gateway.process.logged("readout cycle ended")).toMatchObject({ read: 40, failed: 0, skipped: 0 });
      const meters = await allMeters(gateway);
      expect(meters.map(({ sap }) => sap)).toEqual(Array.from({ length: 40 }, (_, index) => 16 + index));
      const object = await json<CosemObjectDetail>(
        `${gateway.origin}/api/v1/objects/${meters[0]?.device}/1-0:1.8.1*255`,
      );
      expect(object.value).toMatchObject({ address: "FIN230062070223/1-0:1.8.1*255/2", unit: "Wh", status: "ok" });

      const session = await openDlms(gateway.doors.dlms, 16, { sap: 1, password });
      const value = await session.get(4, "1-0:1.8.1*255", 2);
      expect(numberOf(value)).toBe(object.value?.raw);
      await session.close();
      await expect(openDlms(gateway.doors.dlms, 16, { sap: 1, password: "opensesamE" })).rejects.toThrow(/rejected/);
      await expect(openDlms(gateway.doors.dlms, 1, { sap: 2 })).rejects.toThrow(/rejected/);
    });

    it("lets client 16 see the gateway, and no meter's values", async () => {
      const gateway = await afterCycle(startRun([...words, "--read-now"]));
      const management = await openDlms(gateway.doors.dlms, 1);
      // Clock, logical device name, SAP assignment, association, frame counter.
      const everywhere = ["1:0-0:42.0.0*255", "8:0-0:1.0.0*255", "15:0-0:40.0.0*255", "1:0-0:43.1.0*255"];
      const visible = [...everywhere, "17:0-0:41.0.0*255"];
      expect(
        (await management.objectList()).filter((object) => !/^15:0-0:40\.0\.16\*/.test(object)).toSorted(),
      ).toEqual(visible.toSorted());
      expect(numberOf(await management.get(1, "1-0:0.2.0*255", 2))).toBeUndefined();
      await management.close();

      const meter = await openDlms(gateway.doors.dlms, 16);
      expect((await meter.objectList()).toSorted()).toEqual(everywhere.toSorted());
      // Data-Access-Result 3, read-write-denied, or 4, object-undefined
      expect([3, 4]).toContain(await meter.get(4, "1-0:1.8.1*255", 2));
      expect([3, 4]).toContain(await meter.get(4, "1-0:1.8.1*255", 3));
      expect([3, 4]).toContain(await meter.get(7, "1-0:99.1.0*255", 2));
      await meter.close();
    });

    it("has values, names, SAPs and history as before after a restart", async () => {
      const first = await afterCycle(startRun([...words, "--read-now"]));
      const before = await allMeters(first);
      const historyOf = ({ origin }: RunningGateway) =>
        Promise.all(before.map(({ device }) => json<History>(`${origin}/api/v1/meters/${device}/history`)));
      const history = await historyOf(first);
      expect(history.every(({ rows }) => rows.length >= 1)).toBe(true);
      const { device } = await json<{ device: string }>(`${first.origin}/api/v1/gateway`);
      expect((await first.process.stop()).code).toBe(0);

      const second = await cleanup.gateway(startRun(words));
      const after = await allMeters(second);
      expect(after).toEqual(before);
      const again = await historyOf(second);
      expect(again).toEqual(history);
      expect((await json<{ device: string }>(`${second.origin}/api/v1/gateway`)).device).toBe(device);
      expect((await second.process.stop()).code).toBe(0);

      // And it goes on where it was.
      const third = await afterCycle(startRun([...words, "--read-now"]));
      const numbers = (await allMeters(third)).map(({ readingNumber }) => readingNumber ?? 0);
      expect(numbers.every((number, index) => number > (before[index]?.readingNumber ?? 0))).toBe(true);
      await third.process.stop();
      expect(faultsOf(readDatabase(data), readLedger(simulator.ledger), [])).toEqual([]);
    });
  });

  it("refuses client 1 while no management password is set", async () => {
    await simulate("");
    const gateway = await cleanup.gateway(startRun(words));
    await expect(openDlms(gateway.doors.dlms, 1, { sap: 1, password: "" })).rejects.toThrow(/rejected/);
    await expect(openDlms(gateway.doors.dlms, 1, { sap: 1, password })).rejects.toThrow(/rejected/);
    await expect(openDlms(gateway.doors.dlms, 1, { sap: 1 })).rejects.toThrow(/rejected/);
  });
});

function numberOf(data: Data | number): number | undefined {
  return typeof data === "object" && "value" in data && typeof data.value === "number" ? data.value : undefined;
}
