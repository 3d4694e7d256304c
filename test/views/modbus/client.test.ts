import { readFileSync } from "node:fs";
import { join } from "node:path";
import modbusSerial from "modbus-serial";
import { afterEach, describe, expect, it } from "vitest";
import { repositoryRoot } from "../../support/repository.js";
import { type ModbusFixture, meterDevice, registerObject, s64, startView, u32 } from "./fixture.js";

const ModbusRTU = modbusSerial.default;
const defaultMap = readFileSync(join(repositoryRoot, "obis-maps/modbus/default.yaml"), "utf8");

let fixture: ModbusFixture | undefined;
const client = new ModbusRTU();

afterEach(async () => {
  await new Promise<void>((resolve) => client.close(() => resolve()));
  await fixture?.view.stop();
});

describe("modbus-serial as master", () => {
  it("reads every form of a value with functions 3 and 4", async () => {
    const device = meterDevice(16, "TST123456780104", [
      registerObject("6-0:1.0.0*255", { value: u32(4_000_000_001) }, -3, 13),
      registerObject("6-0:2.0.0*255", { value: s64(-9_007_199_254_740_993n) }, 0, 30),
    ]);
    fixture = await startView(defaultMap, [device]);
    await client.connectTCP("127.0.0.1", { port: fixture.view.port });
    client.setID(1);
    const { buffer } = await client.readHoldingRegisters(0, 24);
    expect(buffer.readBigInt64BE(0)).toBe(4_000_000_001n);
    expect(buffer.readFloatBE(8)).toBe(Math.fround(4_000_000.001));
    expect(buffer.readDoubleBE(12)).toBe(4_000_000.001);
    expect(buffer.readUInt32BE(20)).toBe(4_000_000_001);
    expect(buffer.readBigInt64BE(24)).toBe(-9_007_199_254_740_993n);
    const { data } = await client.readInputRegisters(10, 2);
    expect(data).toEqual([Math.floor(4_000_000_001 / 65536), 4_000_000_001 % 65536]);
    await expect(client.writeRegister(0, 1)).rejects.toMatchObject({ modbusCode: 1 });
    await expect(client.readHoldingRegisters(100, 1)).rejects.toMatchObject({ modbusCode: 2 });
  });
});
