import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ByteChannel } from "../../src/ports/index.js";
import { openSerial } from "../../src/transport/index.js";

/** Two ends of a pair of pseudo terminals, held by socat. */
let folder: string;
let socat: ChildProcess;
let ends: { readonly gateway: string; readonly bus: string };
const opened: ByteChannel[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "serial-"));
  ends = { gateway: join(folder, "gateway"), bus: join(folder, "bus") };
  socat = spawn("socat", [`pty,raw,echo=0,link=${ends.gateway}`, `pty,raw,echo=0,link=${ends.bus}`], {
    stdio: "ignore",
  });
  // socat says nothing when its links are there: they are looked for, within the hook's time limit.
  while (!existsSync(ends.gateway) || !existsSync(ends.bus)) await new Promise((resolve) => setTimeout(resolve, 10));
});

afterEach(async () => {
  for (const channel of opened.splice(0)) await channel.close();
  if (socat.exitCode === null && socat.signalCode === null) {
    socat.kill();
    await once(socat, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

async function open(path: string, baudRate = 2400) {
  const channel = await openSerial({ path, baudRate });
  opened.push(channel);
  return channel;
}

/** Collects until `count` bytes came. */
function received(channel: ByteChannel, count: number): Promise<number[]> {
  return new Promise((resolve) => {
    const all: number[] = [];
    channel.listen({
      received(bytes) {
        all.push(...bytes);
        if (all.length >= count) resolve(all);
      },
      closed() {},
    });
  });
}

describe("a serial line over socat", () => {
  it("carries every byte value both ways, 8E1", async () => {
    const gateway = await open(ends.gateway);
    const bus = await open(ends.bus);
    const every = Array.from({ length: 256 }, (_, value) => value);
    const [atBus, atGateway] = [received(bus, 256), received(gateway, 256)];
    await gateway.write(Uint8Array.from(every));
    await bus.write(Uint8Array.from(every));
    expect(await atBus).toEqual(every);
    expect(await atGateway).toEqual(every);
  });

  it.each([300, 600, 1200, 2400, 4800, 9600, 19200, 38400])("opens at %i baud, and changes to it", async (baudRate) => {
    const gateway = await open(ends.gateway, baudRate);
    const bus = await open(ends.bus, 2400);
    await bus.setBaudRate(baudRate);
    const atBus = received(bus, 2);
    await gateway.write(Uint8Array.of(0x10, 0x16));
    expect(await atBus).toEqual([0x10, 0x16]);
  });

  it("tells when the device is gone, and refuses to write from then on", async () => {
    const gateway = await open(ends.gateway);
    const bus = await open(ends.bus);
    let heard = () => {};
    const hearing = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const closed = new Promise<string | undefined>((resolve) => {
      gateway.listen({ received: () => heard(), closed: resolve });
    });
    await bus.write(Uint8Array.of(0xe5));
    await hearing;
    socat.kill();
    expect(await closed).toContain(ends.gateway);
    await expect(gateway.write(Uint8Array.of(1))).rejects.toMatchObject({ reason: "closed" });
  });

  it("says nothing of a close that was asked for", async () => {
    const gateway = await open(ends.gateway);
    const closed = new Promise<string | undefined>((resolve) => {
      gateway.listen({ received() {}, closed: resolve });
    });
    await gateway.close();
    expect(await closed).toBeUndefined();
  });

  it("opens a line without RTS whatever its fixed state is to be, and refuses to switch by what is not there", async () => {
    for (const rts of ["on", "off"] as const) {
      const channel = await openSerial({ path: ends.gateway, baudRate: 2400, rts });
      await channel.close();
    }
    await expect(openSerial({ path: ends.gateway, baudRate: 2400, rts: "whileSending" })).rejects.toMatchObject({
      message: expect.stringContaining("this line has no RTS to switch by"),
    });
  });

  it("refuses what is no device, what is not there and what is in use, with what to do", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "text");
    await expect(openSerial({ path: join(folder, "none"), baudRate: 2400 })).rejects.toMatchObject({
      reason: "notFound",
      message: expect.stringMatching(/^cannot open .*none: there is no such device; check the cable/),
    });
    await expect(openSerial({ path: file, baudRate: 2400 })).rejects.toMatchObject({
      reason: "notFound",
      message: expect.stringContaining("this is not a serial device"),
    });
    await open(ends.gateway);
    await expect(openSerial({ path: ends.gateway, baudRate: 2400 })).rejects.toMatchObject({ reason: "inUse" });
  });
});
