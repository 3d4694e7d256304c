import { expect, it } from "vitest";
import { createPlan } from "../../src/host/buses.js";
import { keysOf } from "../../src/host/receivers.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import type { MeterDevice } from "../../src/mapping/index.js";
import { AesKey } from "../../src/mbus/index.js";
import { loadSettings } from "../../src/settings/index.js";

it("gives each wired meter of the settings its own key", () => {
  const loaded = loadSettings(
    `interfaces: [{ name: bus, kind: tcp, host: 127.0.0.1, port: 1 }]
meters:
  - { interface: bus, primaryAddress: 1 }
  - { interface: bus, primaryAddress: 2, key: 000102030405060708090a0b0c0d0e0f }
`,
    "gateway.yaml",
    settingsChecks,
  );
  if (!loaded.ok) throw new Error("the settings are not good");
  const row = (id: number) => ({
    id,
    sap: 15 + id,
    logicalDeviceName: undefined,
    kind: undefined,
    interfaceName: "bus",
    secondaryAddress: undefined,
    primaryAddress: id,
    position: "",
  });
  const installed = [row(1), row(2)].map((meter) => ({ row: meter }) as MeterDevice);
  const plan = createPlan([row(1), row(2)], keysOf(loaded.settings.meters, installed));
  expect(plan.find(1)?.key).toBeUndefined();
  expect(plan.find(2)?.key).toBeInstanceOf(AesKey);
});
