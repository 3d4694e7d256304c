/** Modem lines need hardware: the driver's own mock stands for it, and what it is told is what a port would be. */
import { SerialPortMock } from "serialport";
import { afterEach, expect, it } from "vitest";
import { openSerial, type RtsMode } from "../../src/transport/index.js";

afterEach(() => SerialPortMock.binding.reset());

async function told(rts: RtsMode): Promise<readonly string[]> {
  const told: string[] = [];
  SerialPortMock.binding.createPort("/dev/mock");
  const channel = await openSerial({
    path: "/dev/mock",
    baudRate: 2400,
    rts,
    createPort(options) {
      const port = new SerialPortMock(options);
      const { set, write, drain } = port;
      port.set = (lines, done) => {
        told.push(lines.rts === true ? "on" : "off");
        set.call(port, lines, done);
      };
      port.write = ((...words: Parameters<typeof write>) => {
        told.push("write");
        return write.apply(port, words);
      }) as typeof write;
      port.drain = (done) => {
        told.push("drain");
        drain.call(port, done);
      };
      return port;
    },
  });
  await channel.write(Uint8Array.of(0x10, 0x40));
  await channel.close().catch(() => undefined);
  return told;
}

it("leaves RTS as it is, sets it once, or holds it until the last byte has left", async () => {
  expect(await told("leave")).toEqual(["write"]);
  expect(await told("on")).toEqual(["on", "write"]);
  expect(await told("off")).toEqual(["off", "write"]);
  expect(await told("whileSending")).toEqual(["off", "on", "write", "drain", "off"]);
});
