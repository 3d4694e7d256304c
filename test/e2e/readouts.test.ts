/**
 * Manual readouts, commands to a meter and continuous mode over real sockets. The meter is a few lines of its own, none
 * of the product's: what it is sent is compared with frames written down from EN 13757-2 and -3.
 */
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import modbusSerial from "modbus-serial";
import { afterEach, expect, it } from "vitest";
import { Cleanup, runCommand, startRun, until, when } from "../support/gateway-process.js";
import { ownerOf } from "../support/owner.js";
import { loopbackDoors } from "./kill-run.js";

const password = "violet-Quarry-77-harbour";
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Primary address 3, ELV (1596: (5 · 32 + 12) · 32 + 22), 10000003, version 1, electricity; energy in Wh as 32 bits (04 03). */
class Meter {
  wattHours = 1000;
  /** Ends its telegram with DIF 1F: more records follow in the next. */
  hasMore = false;
  readonly received: string[] = [];
  readonly server: Server;

  constructor() {
    this.server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        const frame = bytes.toString("hex");
        this.received.push(frame);
        // REQ_UD2 with FCB set and not, sum of 7B or 5B and 03.
        if (frame === "107b037e16" || frame === "105b035e16") socket.write(this.answer());
        else if (/^1040(03|fd)|^68.*16$/.test(frame)) socket.write(Buffer.from([0xe5]));
      });
    });
  }

  private answer(): Buffer {
    const energy = Buffer.alloc(4);
    energy.writeUInt32LE(this.wattHours);
    const tail = Buffer.from(this.hasMore ? [0x1f] : []);
    const body = Buffer.concat([Buffer.from("08037203000010961501020100000004" + "03", "hex"), energy, tail]);
    const sum = body.reduce((total, byte) => total + byte, 0) & 0xff;
    return Buffer.concat([Buffer.from([0x68, body.length, body.length, 0x68]), body, Buffer.from([sum, 0x16])]);
  }
}

const hexOf = (text: string) => Buffer.from(text).toString("hex");

it("reads by hand, sends commands as the standard has them, and shows continuous values that no history keeps", async () => {
  const meter = new Meter();
  await new Promise<void>((resolve) => meter.server.listen(0, "127.0.0.1", resolve));
  cleanup.after(() => new Promise((resolve) => meter.server.close(() => resolve(undefined))));
  const { port } = meter.server.address() as { port: number };
  const folder = cleanup.folder();
  const config = join(folder, "gateway.yaml");
  writeFileSync(
    config,
    `interfaces: [{ name: cellar, kind: tcp, host: 127.0.0.1, port: ${port}}]\n` +
      `readout: { schedule: "0 0 1 1 *", initialisationIdleMs: 0 }\n${loopbackDoors(`, managementPassword: "${password}"`)}`,
  );
  const data = join(folder, "data");
  const { doors } = await cleanup.gateway(startRun(["--config", config, "--data", data]));
  const command = (...words: string[]) => runCommand([...words, "--data", data]);
  const owner = ownerOf(data);
  expect(await command("meters", "add", "interfaceName=cellar", "primaryAddress=3")).toMatchObject({ code: 0 });
  const device = "ELV100000030201";
  const energy = async () => {
    const { body } = await owner("GET", `/meters/${device}`);
    const values = body["values"] as { address: string; value: number; unit: string }[];
    const found = values.find(({ address }) => address === `${device}/1-0:1.8.0*255/2`);
    return `${found?.value} ${found?.unit}`;
  };
  const kept = async () => {
    const { body } = await owner("GET", `/meters/${device}/history`);
    return (body["rows"] as unknown[]).length;
  };

  expect(await command("read", "sap16")).toMatchObject({ code: 0, stderr: "" });
  expect([await energy(), await kept()]).toEqual(["1000 Wh", 1]);
  const last = async () =>
    ((await owner("GET", `/meters/${device}`)).body["lastReadout"] as { message: string }).message;
  expect(await last()).toBe("Readout successful");
  meter.wattHours = 2000;
  meter.hasMore = true;
  expect(await command("read", "--all")).toMatchObject({ code: 0 });
  await until("the second reading", async () => when((await energy()) === "2000 Wh"));
  expect(await kept()).toBe(2);
  expect(await last()).toMatch(/^Readout successful\. More telegrams follow and were not asked for/);
  meter.hasMore = false;

  // SND_NKE; SND_UD with C = 53 or 73: CI 50 application reset (subcode 10), CI 51 with 01 7A 05 for primary address 5.
  for (const [words, pattern] of [
    [["initialise"], /^1040034316$/],
    [["applicationReset", "16"], /^6804046 8(53|73)035010(b6|d6)16$/],
    [["setPrimaryAddress", "5"], /^68060668(53|73)0351017a05(27|47)16$/],
    [["setClock", "2026-11-23T12:34:00Z"], /^68(09096|0a0a6)8(53|73)0351046d/],
    [["sendUserData", "5100"], /^68040468(53|73)035100(a7|c7)16$/],
  ] as const) {
    meter.received.length = 0;
    const sent = await command("send", device, ...words);
    expect(sent, words.join(" ")).toMatchObject({ code: 0, stderr: "" });
    const source = new RegExp(pattern.source.replaceAll(" ", ""));
    expect(
      meter.received.filter((frame) => source.test(frame)),
      `${words.join(" ")}: ${meter.received.join(" ")}`,
    ).toHaveLength(1);
  }
  meter.received.length = 0;
  const switched = await command("send", device, "setBaudRate", "9600");
  expect(switched).toMatchObject({ code: 1, stdout: expect.stringContaining("cannot change its baud rate") });
  expect(meter.received).toEqual([]);
  const asked = await command("send", device, "requestUserData2");
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  expect(asked.stdout).toContain("2000");

  expect(await owner("PUT", "/readouts/continuous", { on: true })).toMatchObject({ status: 200, body: { on: true } });
  meter.wattHours = 3000;
  await until("the continuous value over REST", async () => when((await energy()) === "3000 Wh"));
  // Energy is the first value of the first meter: its 64-bit integer stands at 0, as u32 at 10.
  const master = new modbusSerial.default();
  await master.connectTCP("127.0.0.1", { port: doors.modbus });
  expect((await master.readHoldingRegisters(10, 2)).buffer.readUInt32BE()).toBe(3000);
  await new Promise<void>((resolve) => master.close(() => resolve()));
  const management = ["--client", "1", "--password", password];
  const dlms = await runCommand([
    ...["dlms", "read", `127.0.0.1:${doors.dlms}`, `${device}/1-0:1.8.0*255/2`, ...management],
  ]);
  expect(dlms.stdout).toBe(`${device}/1-0:1.8.0*255/2 = 3000 Wh\n`);
  // Who holds the bus: its name, whether it is open, the holder; texts are octets.
  const held = `= [["${hexOf("cellar")}",true,"${hexOf(`continuous mode, ${device}`)}",`;
  await until("the holder of the bus over DLMS", async () => {
    const address = "gateway/0-128:96.20.0*255/2";
    const { stdout } = await runCommand(["dlms", "read", `127.0.0.1:${doors.dlms}`, address, ...management]);
    return when(stdout.startsWith(`${address} ${held}`));
  });
  expect(await kept()).toBe(2);
  expect(await owner("PUT", "/readouts/continuous", { on: false })).toMatchObject({ body: { on: false } });
  meter.wattHours = 4000;
  expect(await command("read", device)).toMatchObject({ code: 0 });
  expect([await energy(), await kept()]).toEqual(["4000 Wh", 3]);
}, 60_000);
