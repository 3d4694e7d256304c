/** One reading, from the wire to every view: all of them show the same value, unit and time. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Data } from "../../cosem/index.js";
import type { CosemObjectDetail, MeterList } from "../../src/views/rest/contract.js";
import { plain, scaledText } from "../support/decimal-text.js";
import { openDlms } from "../support/dlms-session.js";
import { Cleanup, type RunningGateway, startDemo, until, when } from "../support/gateway-process.js";
import { startVsftpd, type Vsftpd } from "./vsftpd.js";

const run = promisify(execFile);

/** The meters asked for: by identification, with what is known of the value from the Blue Book and the telegram. */
const asked = [
  // The first meter's first value: Modbus address 0.
  {
    id: "23006207",
    block: 0,
    slot: 0,
    obis: "1-0:1.8.1*255",
    column: "energy,Wh,inst-value,1,0,0",
    unit: "Wh",
    code: 30,
  },
  {
    id: "12345678",
    block: 200,
    slot: 0,
    obis: "1-1:12.7.0*255",
    column: "voltage,V,inst-value,0,1,0",
    unit: "V",
    code: 35,
  },
  {
    id: "10020380",
    block: 500,
    slot: 1,
    obis: "8-0:1.0.0*255",
    column: "volume,m3,inst-value,0,0,0",
    unit: "m3",
    code: 13,
  },
] as const;

interface Post {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe("all views of one reading", () => {
  const cleanup = new Cleanup();
  let gateway: RunningGateway;
  let vsftpd: Vsftpd;
  let browser: Browser;
  let post: Post;

  beforeAll(async () => {
    vsftpd = cleanup.add(await startVsftpd("none"));
    const receiver = await startReceiver();
    cleanup.after(receiver.stop);
    browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-sync", "--disable-background-networking"],
    });
    cleanup.after(() => browser.close());
    // Only the first cycle runs, so that all are asked for the same reading. A zone that is not UTC shows mistakes.
    const reports = [receiver.url, `ftp://anonymous:guest@127.0.0.1:${vsftpd.port}/in`].flatMap((url) => [
      "--report",
      url,
    ]);
    gateway = await cleanup.gateway(startDemo(["--schedule", "0 0 1 1 *", ...reports], { TZ: "Asia/Kathmandu" }));
    post = await until("the POST", () => receiver.post(), 30_000);
    await until("the FTP file", () => when(readdirSync(vsftpd.inbox).some((name) => name.endsWith(".csv"))), 30_000);
  });
  afterAll(() => cleanup.run());

  it.each(asked)("agree on $obis of meter $id", async ({ id, block, slot, obis, column, unit, code }) => {
    const { meters } = await byCurl<MeterList>(`${gateway.origin}/api/v1/meters?limit=500`);
    const rest = meters.find(({ identification }) => identification === id);
    if (rest === undefined) throw new Error(`no meter ${id}`);
    const { value } = await byCurl<CosemObjectDetail>(`${gateway.origin}/api/v1/objects/${rest.device}/${obis}`);
    if (value === null) throw new Error(`REST shows no value of ${obis}`);
    const wanted = { value: plain(String(value.value)), unit, time: rest.readAt ?? "" };
    expect(value).toMatchObject({ unit, time: wanted.time, status: "ok" });
    expect(scaledText(value.raw ?? "", value.scaler)).toBe(wanted.value);
    expect(wanted.time).toMatch(/\+05:45$/);

    expect(await overDlms(gateway.doors.dlms, rest.sap, obis)).toEqual({
      value: wanted.value,
      unit: code,
      atMs: Date.parse(wanted.time),
    });

    const modbus = await overModbus(gateway.doors.modbus, block, slot);
    expect(scaledText(modbus.integer, value.scaler)).toBe(wanted.value);
    // mbpoll prints floats with six digits.
    expect(modbus.float).toBe(String(Number(Number(wanted.value).toPrecision(6))));
    expect(Math.abs(modbus.readAtMs - Date.parse(wanted.time))).toBeLessThan(2500);

    // 2026-11-22 21:48:45, in the gateway's zone, without fractions
    const created = wanted.time.slice(0, 19).replace("T", " ");
    const inReport = { value: wanted.value, created };
    expect(inCsv(post.body, id, column)).toEqual(inReport);
    const file = readdirSync(vsftpd.inbox).find((name) => name.endsWith(".csv")) ?? "";
    expect(inCsv(readFileSync(join(vsftpd.inbox, file), "latin1"), id, column)).toEqual(inReport);

    expect(await onPage(browser, `${gateway.origin}/meters/${rest.device}`, value.address)).toEqual({
      value: wanted.value,
      unit: unit.replace("m3", "m³"),
      time: wanted.time,
    });
  });

  it("send the same report to both receivers, under the names of their layouts", () => {
    const [file = "", ...others] = readdirSync(vsftpd.inbox);
    expect(others).toEqual([]);
    expect(readFileSync(join(vsftpd.inbox, file), "latin1")).toBe(post.body);
    expect(file).toMatch(/^\d{8}_valuereport_\d{14}_2115\.csv$/);
    expect(post.headers["filename"]).toMatch(/^\d{8}_valuereport_\d{14}_3115\.csv$/);
    expect(post.body.match(/^\d{8};/gm)).toHaveLength(40);
  });
});

async function startReceiver() {
  let received: Post | undefined;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1");
    request.on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      received = { headers: request.headers, body };
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    post: () => received,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function byCurl<T>(url: string): Promise<T> {
  const { stdout } = await run("curl", ["-sSf", url]);
  return JSON.parse(stdout) as T;
}

/** Client 16; Extended register, class 4: value 2, scaler_unit 3, capture_time 5. */
async function overDlms(port: number, sap: number, obis: string) {
  const session = await openDlms(port, sap);
  try {
    const [value, scalerUnit, time] = [
      await session.get(4, obis, 2),
      await session.get(4, obis, 3),
      await session.get(4, obis, 5),
    ];
    const [scaler = 0, unit = 0] = elements(scalerUnit).map((part) => Number(scalar(part)));
    return { value: scaledText(scalar(value), scaler), unit, atMs: momentOf(time) };
  } finally {
    await session.close();
  }
}

function elements(data: Data | number): readonly Data[] {
  if (typeof data === "object" && data.type === "structure") return data.value;
  throw new Error(`a structure is wanted: ${JSON.stringify(data)}`);
}

function scalar(data: Data | number): string {
  if (typeof data === "object" && "value" in data && /^(number|bigint)$/.test(typeof data.value)) {
    return String(data.value);
  }
  throw new Error(`a number is wanted: ${JSON.stringify(data)}`);
}

/** date-time of the Blue Book, 4.1.6.1: year, month, day, weekday, hour, minute, second, hundredths, deviation, status. */
function momentOf(data: Data | number): number {
  if (typeof data !== "object" || (data.type !== "octet-string" && data.type !== "date-time")) {
    throw new Error(`a date-time is wanted: ${JSON.stringify(data)}`);
  }
  const view = new DataView(Uint8Array.from(data.value).buffer);
  const byte = (at: number) => view.getUint8(at);
  const local = Date.UTC(view.getUint16(0), byte(2) - 1, byte(3), byte(5), byte(6), byte(7), byte(8) * 10);
  return local + view.getInt16(9) * 60_000;
}

/**
 * The block of a meter in obis-maps/modbus/default.yaml: 12 registers a value, its s64 first, its f32 at 4; seconds
 * since the reading at 96.
 */
async function overModbus(port: number, block: number, slot: number) {
  const poll = async (type: string, at: number, count: number) => {
    const options = ["-m", "tcp", "-p", `${port}`, "-a", "1", "-0", "-1", "-q", "-B", "-t", type];
    const { stdout } = await run("mbpoll", [...options, "-r", `${block + at}`, "-c", `${count}`, "127.0.0.1"]);
    return stdout.split("\n").flatMap((line) => /^\[\d+\]:\s+(\S+)/.exec(line)?.[1] ?? []);
  };
  const words = await poll("4:hex", slot * 12, 4);
  const [float = ""] = await poll("4:float", slot * 12 + 4, 1);
  const [age = ""] = await poll("4:int", 96, 1);
  const integer = BigInt.asIntN(64, BigInt(`0x${words.map((word) => word.slice(2)).join("")}`));
  return { integer, float: String(Number(float)), readAtMs: Date.now() - Number(age) * 1000 };
}

/** The cell under `column` in the row of a meter; each group of rows stands below its own header. */
function inCsv(text: string, id: string, column: string) {
  let header: string[] = [];
  for (const line of text.split("\r\n")) {
    const cells = line.split(";");
    if (line.startsWith("#")) header = cells;
    if (cells[header.indexOf("device-identification")] !== id || line.startsWith("#")) continue;
    return { value: plain(cells[header.indexOf(column)] ?? ""), created: cells[header.indexOf("created")] };
  }
  throw new Error(`no row of meter ${id}`);
}

async function onPage(browser: Browser, url: string, address: string) {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    const row = page.locator("tr").filter({ has: page.locator(`[data-address="${address}"]`) });
    const shown = row.locator("[data-address]");
    await expect.poll(() => shown.allTextContents(), { timeout: 10_000 }).toEqual([expect.stringMatching(/\d/)]);
    const [text = ""] = await shown.allTextContents();
    const unit = await row.locator("td").nth(2).textContent();
    const time = await row.locator("time").getAttribute("datetime");
    // Digits are grouped by narrow spaces.
    return { value: plain(text.replaceAll("\u202f", "").replace("\u2212", "-")), unit, time };
  } finally {
    await page.close();
  }
}
