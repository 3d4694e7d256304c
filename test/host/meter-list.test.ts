import { expect, it } from "vitest";
import { createVault } from "../../src/accounts/index.js";
import { createPlan } from "../../src/host/buses.js";
import { openMeterList } from "../../src/host/meter-list.js";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { AesKey } from "../../src/mbus/index.js";
import { loadSettings, type Settings } from "../../src/settings/index.js";
import { mappingOver } from "../mapping/support/mapping-fixture.js";
import { databasePath, hasty, open, silent } from "../store/fixture.js";

function settingsOf(meters: string): Settings {
  const text = `interfaces: [{ name: bus, kind: tcp, host: 127.0.0.1, port: 1 }]\nmeters:\n${meters}`;
  const loaded = loadSettings(text, "gateway.yaml", settingsChecks);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.settings;
}

/** What a start of the gateway does with the list. */
async function started(path: string, meters: string) {
  const store = await open(path);
  const { mapping } = mappingOver(store);
  mapping.load(await store.load());
  const vault = createVault(new Uint8Array(32));
  const settings = settingsOf(meters);
  const opened = { settings, groups: new Set<string>(), mapping, store, vault, clock: hasty, logger: silent };
  return { store, ...(await openMeterList(opened)) };
}

const two = `  - { interface: bus, primaryAddress: 1, position: one }
  - { interface: bus, primaryAddress: 2, key: 000102030405060708090a0b0c0d0e0f }
`;

it("gives each wired meter of the settings its own key", async () => {
  const { planned } = await started(databasePath(), two);
  const plan = createPlan(planned);
  expect(plan.metersOf("bus").map(({ meterId }) => meterId)).toEqual([1, 2]);
  expect(plan.find(1)?.key).toBeUndefined();
  expect(plan.find(2)?.key).toBeInstanceOf(AesKey);
});

it("takes the settings file over at each start, and leaves what it names no longer on the list as passive", async () => {
  const path = databasePath();
  const first = await started(path, two);
  const [one] = [...first.list.devices()];
  if (one === undefined) throw new Error("no meter");
  await first.list.change(one, {
    ...first.list.draftOf(one),
    position: "changed by hand",
    mbus: { readoutRetries: 9 },
  });
  await first.store.close();

  const second = await started(path, "  - { interface: bus, primaryAddress: 1, position: two }\n");
  const rows = [...second.list.devices()].map(({ row }) => row);
  expect(rows).toMatchObject([
    { sap: 16, position: "two", isDeclared: true, mbus: { readoutRetries: 9 } },
    { sap: 17, position: "", isPassive: true },
  ]);
  expect(createPlan(second.planned).metersOf("bus")).toMatchObject([{ meterId: 1, telegrams: { readoutRetries: 9 } }]);
  await second.store.close();

  const third = await started(path, two);
  expect([...third.list.devices()].map(({ row }) => row)).toMatchObject([
    { sap: 16, position: "one", isDeclared: true },
    { sap: 17, isDeclared: true },
  ]);
  expect(createPlan(third.planned).metersOf("bus")).toHaveLength(2);
});
