import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryRoot } from "../support/repository.js";
import { type ModbusFixture, meterDevice, registerObject, s64, startView, u32 } from "../views/modbus/fixture.js";

const run = promisify(execFile);
const defaultMap = readFileSync(join(repositoryRoot, "obis-maps/modbus/default.yaml"), "utf8");
let fixture: ModbusFixture;

beforeAll(async () => {
  const device = meterDevice(16, "TST123456780104", [
    registerObject("6-0:1.0.0*255", { value: u32(123_456) }, -1, 13),
    registerObject("6-0:2.0.0*255", { value: s64(-2n) }, 0, 30),
  ]);
  fixture = await startView(defaultMap, [device]);
});

afterAll(() => fixture.view.stop());

/** mbpoll with zero-based references, one poll, quiet; the lines with values. */
async function poll(...options: string[]): Promise<string[]> {
  const { stdout } = await run("mbpoll", ["-m", "tcp", "-p", `${fixture.view.port}`, "-0", "-1", "-q", ...options]);
  return stdout.split("\n").filter((line) => line.startsWith("["));
}

describe("mbpoll as master", () => {
  it("reads the first value as float and as integer, with both functions", async () => {
    expect(await poll("-a", "1", "-t", "4:float", "-B", "-r", "4", "127.0.0.1")).toEqual(["[4]: \t12345.6"]);
    expect(await poll("-a", "1", "-t", "3:float", "-B", "-r", "4", "127.0.0.1")).toEqual(["[4]: \t12345.6"]);
    expect(await poll("-a", "1", "-t", "4:int", "-B", "-r", "10", "127.0.0.1")).toEqual(["[10]: \t123456"]);
  });

  it("reads the words of a negative integer", async () => {
    expect(await poll("-a", "1", "-t", "4:hex", "-r", "12", "-c", "4", "127.0.0.1")).toEqual([
      "[12]: \t0xFFFF",
      "[13]: \t0xFFFF",
      "[14]: \t0xFFFF",
      "[15]: \t0xFFFE",
    ]);
  });

  it("is told that a register is not there", async () => {
    await expect(poll("-a", "1", "-r", "60000", "127.0.0.1")).rejects.toMatchObject({
      stderr: expect.stringContaining("Illegal data address"),
    });
  });
});
