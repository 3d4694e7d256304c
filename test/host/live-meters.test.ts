/** Meters and keys that come while the gateway runs, wired and by radio over real sockets: no restart in between. */
import { afterEach, describe, expect, it } from "vitest";
import { toHex } from "../../cosem/codec/bytes.js";
import { createPlan } from "../../src/host/buses.js";
import { wirelessMeterOf } from "../../src/host/meter-list.js";
import { receiversOf } from "../../src/host/receivers.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { createWireless } from "../../src/host/wireless.js";
import { formatSecondaryAddress, parseSecondaryAddress, RememberedFormats } from "../../src/mbus/index.js";
import { loadSettings } from "../../src/settings/index.js";
import { createSimulatedMeter, createSimulatedReceiver } from "../../src/simulator/index.js";
import { listenTcp, systemClock } from "../../src/transport/index.js";
import { admin, listFixture, valueFrom } from "../services/meter-list/list-fixture.js";
import { silent } from "../store/fixture.js";
import { until, when } from "../support/gateway-process.js";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The meter's own clock stands. */
const standing = { ...systemClock, now: () => Date.UTC(2026, 10, 22, 12) };

async function radio() {
  const spec = {
    name: "water",
    telegrams: ["hydrometerWater"],
    identification: "22222222",
    primaryAddress: 1,
    seed: 7,
  } as const;
  const meter = createSimulatedMeter(spec, standing);
  const key = Buffer.from("2".repeat(32), "hex");
  const inAir = { meter, security: "mode5", key, fullEach: 1, periodMs: 60_000, rssiDbm: -70 } as const;
  const stick = createSimulatedReceiver({ type: "im871a", meters: [inAir], clock: systemClock });
  const server = await listenTcp({
    host: "127.0.0.1",
    port: 0,
    maxConnections: 1,
    accept: (channel) => stick.attach(channel),
  });
  ends.push(
    () => server.close(),
    () => stick.stop(),
  );
  const connection = { kind: "tcp", host: "127.0.0.1", port: server.port };
  const settingsText = JSON.stringify({
    wireless: { receivers: [{ name: "stick", group: "air", type: "im871a", connection }], repeatWindowMs: 0 },
  });
  const loaded = loadSettings(settingsText, "test", settingsChecks);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const fixture = await listFixture();
  const { list, store, mapping } = fixture;
  const wireless = await createWireless({
    settings: loaded.settings,
    receivers: receiversOf(loaded.settings.wireless, silent),
    list,
    sink: { completed: (readout) => mapping.completed(readout), failed: mapping.failed },
    formats: new RememberedFormats(),
    store,
    clock: systemClock,
    logger: silent,
  });
  ends.push(() => wireless.stop());
  wireless.start();
  await until("the receiver", () => when(stick.heardBytes > 0));
  const heard = () => wireless.heard()[0]?.reception.count ?? 0;
  const send = async () => {
    const before = heard();
    stick.send(inAir);
    await until("the telegram", () => when(heard() > before));
  };
  return { ...fixture, wireless, send, address: formatSecondaryAddress(meter.secondaryAddress), key: toHex(key) };
}

describe("without a restart", () => {
  it("a wireless meter is listened to from its installation on, and opened from its key on", async () => {
    const { service, keyService, list, wireless, send, address, key } = await radio();
    await send();
    expect(wireless.heard()).toMatchObject([{ group: "air", reception: { identification: "22222222" } }]);
    valueFrom(await service.add(admin, { interfaceName: "air", secondaryAddress: address }));
    const id = list.find("sap16")?.row.id ?? 0;
    expect(await wireless.readout.readOne(id)).toMatchObject({ ok: false, reason: "notHeard" });
    await send();
    expect(await wireless.readout.readOne(id)).toMatchObject({ ok: false, reason: "notOpened" });

    valueFrom(await keyService.add(admin, { address: "22222222", key }));
    await send();
    expect(await wireless.readout.readOne(id)).toMatchObject({ ok: true });
    const device = list.device(id);
    await until("its name", () => when(device?.name.slice(0, 13) === "HYD2222222207"));

    valueFrom(await service.change(admin, device?.name ?? "", { state: "passive" }));
    expect(await wireless.readout.readOne(id)).toBeUndefined();
    valueFrom(await service.change(admin, device?.name ?? "", { state: "active" }));
    await send();
    expect(await wireless.readout.readOne(id)).toMatchObject({ ok: true });
    valueFrom(await service.remove(admin, device?.name ?? "", {}));
    await send();
    expect(await wireless.readout.readOne(id)).toBeUndefined();
  });

  it("a wired meter is planned with its mode, settings and key as they are at that moment", async () => {
    const { service, keyService, list } = await listFixture();
    const plan = createPlan({
      on: (busName) => list.activeOn(busName).map(({ row }) => row),
      find: (meterId) => list.device(meterId)?.row,
      keyOf: (meterId) => list.keyOf(meterId),
      keyFor: (meterId, address) => list.keyFor(meterId, address),
    });
    valueFrom(
      await service.add(admin, {
        interfaceName: "bus",
        secondaryAddress: "12345678",
        primaryAddress: 5,
        addressingMode: "secondary",
      }),
    );
    expect(plan.metersOf("bus")).toMatchObject([
      { target: { kind: "secondary" }, key: undefined, baudRate: undefined },
    ]);
    valueFrom(await keyService.add(admin, { device: "sap16", key: "ab".repeat(16) }));
    const changes = {
      addressingMode: "primary",
      baudRate: 300,
      mbus: { responseTimeoutMs: 5000, multiTelegram: "auto" },
    } as const;
    valueFrom(await service.change(admin, "sap16", changes));
    const [planned] = plan.metersOf("bus");
    expect(planned).toMatchObject({
      target: { kind: "primary", address: 5 },
      baudRate: 300,
      telegrams: { responseTimeoutMs: 5000, multiTelegram: "auto" },
    });
    expect(planned?.key).toBeDefined();
    // A meter known by its primary address alone says in its answer who it is.
    valueFrom(await service.add(admin, { interfaceName: "far", primaryAddress: 9 }));
    valueFrom(await keyService.add(admin, { address: "87654321", manufacturer: "KAM", key: "cd".repeat(16) }));
    const [unknown] = plan.metersOf("far");
    expect(unknown?.key).toBeUndefined();
    expect(unknown?.keyFor?.(parseSecondaryAddress("876543212D2C1B16"))).toBeDefined();
    expect(unknown?.keyFor?.(parseSecondaryAddress("876543212E2C1B16"))).toBeUndefined();
    const device = list.find("sap16");
    expect(device && wirelessMeterOf(device, list)).toBeUndefined();
  });
});
