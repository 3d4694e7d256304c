import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { nullData } from "../../../cosem/index.js";
import { formatMapTable } from "../../../src/views/modbus/index.js";
import { repositoryRoot } from "../../support/repository.js";
import {
  type Cell,
  type ModbusFixture,
  meterDevice,
  RawMaster,
  registerObject,
  s64,
  startView,
  storedRegisterObject,
  summaryOf,
  textObject,
  u32,
} from "./fixture.js";

const defaultMap = readFileSync(join(repositoryRoot, "obis-maps/modbus/default.yaml"), "utf8");
const examples = "examples:\n  - { type: u16, value: 1, registers: 0001 }\n";

let fixture: ModbusFixture | undefined;
const masters: RawMaster[] = [];

async function open(): Promise<RawMaster> {
  const master = await RawMaster.open(fixture?.view.port ?? 0);
  masters.push(master);
  return master;
}

afterEach(async () => {
  await fixture?.view.stop();
  for (const master of masters.splice(0)) master.socket.destroy();
  fixture = undefined;
});

/** The registers of the examples in the MODBUS Application Protocol V1.1b3, clauses 6.3 and 6.4. */
async function startWithProtocolExamples() {
  const device = meterDevice(16, "TST123456780104", [
    registerObject("6-0:1.0.0*255", { value: u32(0x022b) }, 0, 30),
    registerObject("6-0:2.0.0*255", { value: u32(0) }, 0, 30),
    registerObject("6-0:3.0.0*255", { value: u32(0x64) }, 0, 30),
    registerObject("6-0:4.0.0*255", { value: u32(0x0a) }, 0, 30),
  ]);
  const map = `title: t\nlines:\n${[
    [107, 1],
    [108, 2],
    [109, 3],
    [8, 4],
  ]
    .map(([address, c]) => `  - { address: ${address}, type: u16, object: "TST123456780104/6-0:${c}.0.0/2" }\n`)
    .join("")}${examples}`;
  fixture = await startView(map, [device]);
  return fixture;
}

describe("the Modbus view", () => {
  it("answers function 3 as the specification's example", async () => {
    await startWithProtocolExamples();
    const master = await open();
    expect(await master.ask("0001 0000 0006 01 03 006B 0003", 15)).toBe("000100000009010306022b00000064");
  });

  it("answers function 4 as the specification's example, over the same registers", async () => {
    await startWithProtocolExamples();
    const master = await open();
    expect(await master.ask("0002 0000 0006 01 04 0008 0001", 11)).toBe("0002000000050104 02000a".replace(" ", ""));
  });

  it.each([
    ["a function that it lacks", "0006 01 06 006B 0001", "8601"],
    ["a function code of 80h and more", "0002 01 83", "8301"],
    ["a register without a line", "0006 01 03 0000 0001", "8302"],
    ["a range that runs past its lines", "0006 01 03 006B 0004", "8302"],
    ["a range past register 65535", "0006 01 03 FFFF 0002", "8302"],
    ["a quantity of 0", "0006 01 03 006B 0000", "8303"],
    ["a quantity of 126", "0006 01 03 006B 007E", "8303"],
    ["a request cut short", "0005 01 03 006B 00", "8303"],
    ["a request too long", "0007 01 03 006B 0001 00", "8303"],
    ["another unit", "0006 02 03 006B 0001", "830b"],
  ])("refuses %s", async (_name, request, code) => {
    await startWithProtocolExamples();
    const master = await open();
    const answer = await master.ask(`0007 0000 ${request}`, 9);
    expect(answer).toBe(`000700000003${request.replaceAll(" ", "").slice(4, 6)}${code}`);
  });

  it("answers units 0, 1 and 255, joined and split requests, in order", async () => {
    await startWithProtocolExamples();
    const master = await open();
    const stream = "0001 0000 0006 00 03 006D 0001 0002 0000 0006 FF 03 006D 0001 0003 0000 0006 01 03 006D 0001";
    const answers = "00010000000500030200640002000000 05ff03020064 0003000000050103020064".replaceAll(" ", "");
    expect(await master.ask(stream, 33)).toBe(answers);
    const halves = [stream.replaceAll(" ", "").slice(0, 34), stream.replaceAll(" ", "").slice(34)];
    master.send(halves[0] ?? "");
    const first = await master.expectBytes(11);
    master.send(halves[1] ?? "");
    expect(first + (await master.expectBytes(22))).toBe(answers);
  });

  it("closes the connection behind a header that cannot be one", async () => {
    await startWithProtocolExamples();
    const master = await open();
    master.send("0001 0000 0006 01 03 006D 0001 0002 00FF 0006 01 03 006D 0001");
    expect(await master.expectClosed()).toBe("0001000000050103020064");
  });

  it("shows the first meter's first value at 0 as s64, f32, f64 and u32, with age, quality and status", async () => {
    const device = meterDevice(16, "TST123456780104", [
      textObject("0-0:96.1.0*255", "K12"),
      registerObject("6-0:1.0.0*255", { value: u32(1234) }, 3, 30),
      registerObject("6-0:2.0.0*255", { value: s64(-5n) }, -1, 13),
    ]);
    fixture = await startView(defaultMap, [device]);
    fixture.summaries.set(device.name, summaryOf(device, { readAtMs: fixture.clock.now() - 61_500, statusByte: 4 }));
    const master = await open();
    const answer = await master.ask("0001 0000 0006 01 03 0000 0064", 209);
    const registers = answer.slice(18);
    // 1234 kWh: 1234000 Wh is 4996A280 and 4132D45000000000 in IEEE 754; -0.5 is BF000000 and BFE0000000000000
    expect(registers.slice(0, 48)).toBe("00000000000004d2" + "4996a280" + "4132d45000000000" + "000004d2");
    expect(registers.slice(48, 96)).toBe("fffffffffffffffb" + "bf000000" + "bfe0000000000000" + "00000000");
    // a place without a value
    expect(registers.slice(96, 144)).toBe("8000000000000000" + "7fc00000" + "7ff8000000000000" + "00000000");
    expect(registers.slice(384)).toBe("0000003d" + "0000" + "0004");
    expect(await master.ask("0002 0000 0006 01 03 0064 0001", 9)).toBe("000200000003018302");
    expect(formatMapTable(fixture.view.describeMap())).toContain(
      "| 0-3 | s64 | TST123456780104/6-0:1.0.0*255/2 | 10^3 Wh |  |",
    );
  });

  it("shows a value as it is now, and no value when there is none", async () => {
    const cell: Cell = { value: u32(1) };
    const device = meterDevice(16, "TST123456780104", [registerObject("6-0:1.0.0*255", cell, 0, 30)]);
    fixture = await startView(defaultMap, [device]);
    const master = await open();
    expect(await master.ask("0001 0000 0006 01 03 0004 0002", 13)).toBe("0001000000070103043f800000");
    cell.value = { type: "float32", value: 0.5 };
    expect(await master.ask("0001 0000 0006 01 03 0004 0002", 13)).toBe("0001000000070103043f000000");
    cell.value = nullData;
    expect(await master.ask("0001 0000 0006 01 03 0004 0002", 13)).toBe("0001000000070103047fc00000");
  });

  it("gives a value that appears later the next free place, and a new meter its block", async () => {
    const objects = [registerObject("6-0:1.0.0*255", { value: u32(1) }, 0, 30)];
    const device = { ...meterDevice(16, "TST123456780104", []), objects: () => objects };
    device.find = (name) => objects.find(({ logicalName }) => logicalName === name);
    fixture = await startView(defaultMap, [device]);
    const master = await open();
    expect(await master.ask("0001 0000 0006 01 03 000A 0002", 13)).toBe("000100000007010304" + "00000001");
    objects.unshift(registerObject("6-0:9.0.0*255", { value: u32(9) }, 0, 30));
    fixture.registry.notify({ kind: "readingCommitted", device, readingNumber: 2 });
    expect(await master.ask("0001 0000 0006 01 03 000A 000E", 37)).toContain("00000001" + "0000000000000009");
    expect(await master.ask("0001 0000 0006 01 03 0064 0004", 9)).toBe("000100000003018302");
    fixture.registry.addDevice(
      meterDevice(17, "TST123456790104", [registerObject("6-0:1.0.0", { value: u32(7) }, 0, 30)]),
    );
    expect(await master.ask("0001 0000 0006 01 03 0064 0004", 17)).toBe("00010000000b010308" + "0000000000000007");
  });

  it("marks values that are too old", async () => {
    const device = meterDevice(16, "TST123456780104", [registerObject("6-0:1.0.0*255", { value: u32(1) }, 0, 30)]);
    fixture = await startView(defaultMap, [device], { staleAfterSeconds: 60 });
    fixture.summaries.set(device.name, summaryOf(device, { readAtMs: fixture.clock.now() - 60_000 }));
    const master = await open();
    expect(await master.ask("0001 0000 0006 01 03 0004 0002", 13)).toBe("0001000000070103043f800000");
    await fixture.clock.advance(1000);
    expect(await master.ask("0001 0000 0006 01 03 0004 0002", 13)).toBe("0001000000070103047fc00000");
    expect(await master.ask("0001 0000 0006 01 03 0062 0001", 11)).toBe("0001000000050103020002");
  });

  it("reads holes as 0 when told to respond on invalid addresses", async () => {
    const device = meterDevice(16, "TST123456780104", [registerObject("6-0:1.0.0*255", { value: u32(258) }, 0, 30)]);
    const map = `title: t\nlines:\n  - { address: 2, type: u32, object: "sap16/6-0:1.0.0/2" }\n${examples}`;
    fixture = await startView(map, [device], { respondOnInvalid: true });
    const master = await open();
    expect(await master.ask("0001 0000 0006 01 03 0000 0006", 21)).toBe(
      "00010000000f01030c" + "0000000000000102" + "00000000",
    );
    // the lower half of a value alone
    expect(await master.ask("0001 0000 0006 01 03 0003 0002", 13)).toBe("000100000007010304" + "01020000");
  });

  it("answers in order when a value has to be fetched", async () => {
    const device = meterDevice(16, "TST123456780104", [
      storedRegisterObject("6-0:1.0.0*255", { value: u32(1) }, 0, 30),
      registerObject("6-0:2.0.0*255", { value: u32(2) }, 0, 30),
    ]);
    const lines = [1, 2].map((c) => `  - { address: ${c}, type: u16, object: "sap16/6-0:${c}.0.0/2" }\n`).join("");
    fixture = await startView(`title: t\nlines:\n${lines}${examples}`, [device]);
    const master = await open();
    const answers = await master.ask("0001 0000 0006 01 03 0001 0002 0002 0000 0006 01 03 0002 0001", 24);
    expect(answers).toBe("00010000000701030400010002" + "0002000000050103020002");
  });

  it("turns a further master away, and disconnects one that fell silent", async () => {
    await startWithProtocolExamples();
    await fixture?.view.stop();
    const device = meterDevice(16, "TST123456780104", [registerObject("6-0:1.0.0*255", { value: u32(1) }, 0, 30)]);
    fixture = await startView(defaultMap, [device], { maxConnections: 1, idleTimeoutSeconds: 60 });
    const first = await open();
    await first.ask("0001 0000 0006 01 03 0000 0001", 11);
    const second = await open();
    await second.expectClosed();
    await fixture.clock.advance(59_000);
    expect(await first.ask("0001 0000 0006 01 03 000B 0001", 11)).toBe("0001000000050103020001");
    await fixture.clock.advance(75_000);
    await first.expectClosed();
    const third = await open();
    expect(await third.ask("0001 0000 0006 01 03 000B 0001", 11)).toBe("0001000000050103020001");
  });

  it("stops with masters connected", async () => {
    await startWithProtocolExamples();
    const master = await open();
    await master.ask("0001 0000 0006 01 03 006B 0001", 11);
    await fixture?.view.stop();
    await master.expectClosed();
    expect(fixture?.view.port).toBe(0);
    fixture = undefined;
  });
});
