import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import {
  createDeliveryService,
  type DeliveryResult,
  type DeliveryService,
} from "../../../src/services/delivery/index.js";
import type { ReceiverSettings } from "../../../src/settings/index.js";
import { type HttpReceiverFixture, startReceiver } from "../../services/delivery/receiver.js";
import { manualClock } from "../../support/manual-clock.js";
import { energy, makePush, meterService, type PushFixture, reportTo, StoredMeter, silentLogger } from "./fixture.js";

const fixed =
  "#serial-number;device-position;primary-address;device-identification;created;value-data-count;manufacturer;version;device-type;access-number;status;signature";
const http: ReceiverSettings = { kind: "http", url: "http://receiver.example/x", auth: { method: "none" } };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function keep<T extends { remove(): void }>(fixture: T): T {
  undo.push(() => fixture.remove());
  return fixture;
}

/** A receiver in memory: keeps what came, and answers as told. */
function recorder(answer: () => DeliveryResult = () => ({ ok: true, tries: 1 })) {
  const files: { name: string; contentType: string; text: string; bytes: Buffer }[] = [];
  const delivery: DeliveryService = {
    async deliver({ name, contentType, path }) {
      const bytes = readFileSync(path);
      files.push({ name, contentType, bytes, text: bytes.toString("latin1") });
      return answer();
    },
    stop: async () => {},
  };
  return { delivery, files };
}

const refusal: DeliveryResult = { ok: false, tries: 1, reason: "refused", message: "HTTP 500" };

/** The data rows of a file: identification, created and first value. */
function values(text: string): string[] {
  const rows = text.split("\r\n").filter((row) => row !== "" && !row.startsWith("#"));
  return rows.map((row) => row.split(";")).map((cells) => `${cells[3]} ${cells[4]?.slice(11, 16)} ${cells[12]}`);
}

describe("a push report", () => {
  it("has a header before each meter, then its readings", async () => {
    const first = new StoredMeter(16).addReading("1000").addReading("1001.5");
    const second = new StoredMeter(17).addReading("-3", "2026-01-01");
    second.position = "-Café";
    second.columns = [energy, { ...energy, quantity: "time point", unit: "", function: "max", storage: 1, tariff: 2 }];
    const { delivery, files } = recorder();
    const { view } = keep(makePush(delivery, meterService([first, second]), [reportTo([http])]));
    expect(await view.run("hourly")).toEqual({
      report: "hourly",
      ok: true,
      receivers: [
        {
          receiver: "http://receiver.example/x",
          status: "delivered",
          fileName: "00000001_valuereport_20261122130000_3115.csv",
          rows: 3,
        },
      ],
    });
    expect(files[0]?.contentType).toBe("text/plain; charset=windows-1252");
    expect(files[0]?.text.split("\r\n")).toEqual([
      `${fixed};energy,Wh,inst-value,0,0,0`,
      "00000001;;0;00000016;2026-11-22 12:00:00;00;TST;1;heat;1;0;0;1000",
      "00000001;;0;00000016;2026-11-22 12:01:00;00;TST;1;heat;2;0;0;1001.5",
      `${fixed};energy,Wh,inst-value,0,0,0;time-point,,max-value,2,0,1`,
      "00000001;'-Café;0;00000017;2026-11-22 12:00:00;00;TST;1;heat;1;0;0;-3;2026-01-01",
      "",
    ]);
  });

  it("sends each receiver what it does not have yet, under the template number of its kind", async () => {
    const meter = new StoredMeter(16).addReading("1").addReading("2");
    const { delivery, files } = recorder();
    const ftp: ReceiverSettings = {
      kind: "ftp",
      host: "ftp.example",
      port: 21,
      user: "u",
      folder: "in",
      security: "clear",
    };
    const { view, clock } = keep(makePush(delivery, meterService([meter]), [reportTo([http, ftp])]));
    await view.run("hourly");
    expect(files.map(({ name }) => name.slice(-8, -4)).toSorted()).toEqual(["2115", "3115"]);
    meter.addReading("3");
    await clock.advance(60_000);
    await view.run("hourly");
    expect(files.slice(2).map(({ text }) => values(text))).toEqual([["00000016 12:02 3"], ["00000016 12:02 3"]]);
    const outcome = await view.run("hourly");
    expect(outcome.receivers.map(({ status }) => status)).toEqual(["nothingNew", "nothingNew"]);
    expect(files).toHaveLength(4);
  });

  it("puts the values of a failed report into the next one, also after a restart", async () => {
    const meter = new StoredMeter(16).addReading("1");
    const meters = meterService([meter]);
    const kept = new Map<string, string>();
    let works = false;
    const { delivery, files } = recorder(() => (works ? { ok: true, tries: 1 } : refusal));
    const before = keep(makePush(delivery, meters, [reportTo([http])], { kept }));
    expect(await before.view.run("hourly")).toMatchObject({ ok: false, receivers: [{ status: "failed", rows: 1 }] });
    expect(kept.size).toBe(0);
    meter.addReading("2");
    works = true;
    const after = keep(makePush(delivery, meters, [reportTo([http])], { kept }));
    expect(await after.view.run("hourly")).toMatchObject({ ok: true });
    expect(values(files.at(-1)?.text ?? "")).toEqual(["00000016 12:00 1", "00000016 12:01 2"]);
    expect([before, after].map(({ folder }) => readdirSync(folder))).toEqual([[], []]);
  });

  it("goes back 180 readouts at most", async () => {
    const meter = new StoredMeter(16);
    for (let number = 1; number <= 200; number++) meter.addReading(String(number));
    const { delivery, files } = recorder();
    const { view } = keep(makePush(delivery, meterService([meter]), [reportTo([http])]));
    await view.run("hourly");
    const rows = values(files[0]?.text ?? "");
    expect(rows).toHaveLength(180);
    expect(rows[0]?.split(" ")[2]).toBe("21");
    expect(rows.at(-1)?.split(" ")[2]).toBe("200");
  });

  it("covers more meters than a page holds, each value once", async () => {
    const stored = Array.from({ length: 700 }, (_, index) => new StoredMeter(16 + index).addReading(`${index}`));
    const { delivery, files } = recorder();
    const fixture: PushFixture = keep(makePush(delivery, meterService(stored), [reportTo([http])]));
    await fixture.view.run("hourly");
    expect(new Set(values(files[0]?.text ?? "")).size).toBe(700);
    stored[500]?.addReading("x");
    await fixture.view.run("hourly");
    expect(values(files[1]?.text ?? "")).toEqual(["00000516 12:01 x"]);
    expect(fixture.state.size).toBe(3);
  });

  it("joins a run that is under way", async () => {
    const { delivery, files } = recorder();
    const { view } = keep(makePush(delivery, meterService([new StoredMeter(16).addReading("1")]), [reportTo([http])]));
    const [first, second] = await Promise.all([view.run("hourly"), view.run("hourly")]);
    expect(second).toBe(first);
    expect(files).toHaveLength(1);
    await expect(view.run("daily")).rejects.toThrow(RangeError);
  });

  it("follows the conventions for zone, separators and encoding", async () => {
    const meter = new StoredMeter(16).addReading("1001.5");
    meter.position = 'Ω€ "a,b"';
    const { delivery, files } = recorder();
    const conventions = { decimalSeparator: ",", separator: ",", timeZone: "Europe/Paris", showOffset: true } as const;
    const { view } = keep(makePush(delivery, meterService([meter]), [reportTo([http])], { conventions }));
    await view.run("hourly");
    // € is 80h in Windows-1252; Ω is not in it
    expect(files[0]?.text.split("\r\n")[1]).toBe(
      '00000001,"?\x80 ""a,b""",0,00000016,2026-11-22 13:00:00+01:00,00,TST,1,heat,1,0,0,"1001,5"',
    );
    expect(files[0]?.name).toContain("_20261122140000_");
  });

  it("keeps what the receiver refused, and sends it once when that works again", async () => {
    const receiver: HttpReceiverFixture = await startReceiver((number) => ({ status: number <= 2 ? 500 : 200 }));
    undo.push(() => receiver.close());
    const meter = new StoredMeter(16).addReading("1");
    const clock = manualClock();
    const delivery = createDeliveryService({ clock, logger: silentLogger, userAgent: "test" });
    const settings: ReceiverSettings = { kind: "http", url: receiver.url, auth: { method: "none" } };
    const { view } = keep(makePush(delivery, meterService([meter]), [reportTo([settings])]));
    expect(await view.run("hourly")).toMatchObject({ ok: false });
    meter.addReading("2");
    expect(await view.run("hourly")).toMatchObject({ ok: false });
    meter.addReading("3");
    expect(await view.run("hourly")).toMatchObject({ ok: true });
    meter.addReading("4");
    expect(await view.run("hourly")).toMatchObject({ ok: true });
    const accepted = receiver.posts.slice(2).flatMap(({ body }) => values(body.toString("latin1")));
    expect(accepted.map((row) => row.split(" ")[2])).toEqual(["1", "2", "3", "4"]);
  });
});
