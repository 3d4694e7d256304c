/** A meter is swapped on the wall, keeping its primary address: old history stays, the new one is read, and one series goes on. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { fromHex } from "../../cosem/codec/bytes.js";
import { LinkSlave, parseSecondaryAddress } from "../../src/mbus/index.js";
import { createSimulatedBus, type SimulatedMeter } from "../../src/simulator/index.js";
import { listenTcp } from "../../src/transport/index.js";
import { Cleanup, fetchAsOwner, runCommand, startRun } from "../support/gateway-process.js";
import { plainMeter } from "../support/plain-meter.js";
import { systemClock } from "../support/system-clock.js";
import { loopbackDoors } from "./kill-run.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** EPU, electricity, version 1; energy in Wh, 32 bits (04 03). */
function counter(identification: string, wattHours: number): LinkSlave {
  const secondaryAddress = parseSecondaryAddress(`${identification}15960102`);
  const energy = new Uint8Array(4);
  new DataView(energy.buffer).setUint32(0, wattHours, true);
  const telegram = Uint8Array.from([0x72, ...secondaryAddress, 1, 0, 0, 0, ...fromHex("0403"), ...energy]);
  return new LinkSlave({ primaryAddress: 3, secondaryAddress, readout: () => [telegram] });
}

it("goes on in one series without a step, and both meters keep what is theirs", async () => {
  let onTheWall = counter("10000003", 500_000);
  const meter: SimulatedMeter = {
    ...plainMeter({ address: "1000000315960102", primaryAddress: 3 }),
    receive: (frame) => onTheWall.receive(frame),
  };
  const bus = createSimulatedBus({ name: "wall", meters: [meter], clock: systemClock });
  const server = await listenTcp({
    host: "127.0.0.1",
    port: 0,
    maxConnections: 4,
    accept: (channel) => bus.attach(channel),
  });
  cleanup.after(() => server.close());
  const folder = cleanup.folder();
  const config = join(folder, "gateway.yaml");
  writeFileSync(
    config,
    `interfaces: [{ name: wall, kind: tcp, host: 127.0.0.1, port: ${server.port} }]\nreadout: { schedule: "0 0 1 1 *" }\n${loopbackDoors()}`,
  );
  const data = join(folder, "data");
  const { origin } = await cleanup.gateway(startRun(["--config", config, "--data", data]));
  const command = (...words: string[]) => runCommand([...words, "--data", data]);
  const get = async (path: string) => (await fetchAsOwner(`${origin}/api/v1${path}`)).json() as Promise<never>;

  expect(await command("meters", "add", "interfaceName=wall", "primaryAddress=3", "position=Flat 3")).toMatchObject({
    code: 0,
  });
  expect(await command("read", "sap16")).toMatchObject({ code: 0 });
  // 9615 is E, P, U: (5 · 32 + 16) · 32 + 21, bit 15 set.
  const old = "EPU100000030201";
  onTheWall = counter("20000003", 2000);
  const failed = await command("read", old);

  expect(failed.stdout).toContain("meters replace");

  const replaced = await command("meters", "replace", old);
  expect(replaced).toMatchObject({ code: 0, stderr: "" });
  const { meters } = (await get("/meter-list")) as { meters: readonly object[] };
  expect(meters).toMatchObject([
    { device: old, state: "passive", secondaryAddress: "10000003", primaryAddress: null, position: "Flat 3" },
    { device: "EPU200000030201", state: "active", primaryAddress: 3, position: "Flat 3", sap: 17 },
  ]);
  const joined = (await get(`/series/values?id=${encodeURIComponent(`${old}+1-0:1.8.0*255`)}`)) as {
    values: readonly { value: string }[];
  };
  // 500,000 Wh of the old one; 2,000 of the new plus an offset of 498,000.
  expect(joined.values.map(({ value }) => value)).toEqual(["500000", "500000"]);

  // The joined series is made of the old meter's history: it cannot be taken away under it.
  const removed = await command("meters", "remove", old, "--keep-history");
  expect(removed.code).toBe(1);
  expect(removed.stderr).toContain(`the series "${old}+1-0:1.8.0*255" is made of its history`);
}, 60_000);
