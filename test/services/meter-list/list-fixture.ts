import { createAssociation, type Principal } from "../../../cosem/index.js";
import { createVault } from "../../../src/accounts/index.js";
import type { Reception } from "../../../src/ports/index.js";
import { createKeyService, KeyRing } from "../../../src/services/keys/index.js";
import { createMeterListService, type KnownInterface, MeterList } from "../../../src/services/meter-list/index.js";
import type { ChangeRecord } from "../../../src/services/recorder.js";
import { mappingOver } from "../../mapping/support/mapping-fixture.js";
import { databasePath, open, silent } from "../../store/fixture.js";
import { createStandingClock } from "../../support/standing-clock.js";

export const admin: Principal = {
  association: createAssociation({ name: "management", clientSap: 1, rules: [] }),
  user: "admin",
  door: "test",
  peer: "test",
};

export const viewer: Principal = {
  ...admin,
  association: createAssociation({ name: "rest:viewer", clientSap: 1, rules: [] }),
  user: "eve",
};

const interfaces: readonly KnownInterface[] = [
  { name: "bus", kind: "wired", baudRate: 2400, canSwitchRate: true },
  { name: "far", kind: "wired", baudRate: 2400, canSwitchRate: false },
  { name: "air", kind: "wireless", baudRate: undefined, canSwitchRate: false },
];

/** The list over a store of its own. Opened again with the same path: after a restart. */
export async function listFixture(
  path = databasePath(),
  known: readonly KnownInterface[] = interfaces,
  receptions: ReadonlyMap<string, Reception> = new Map(),
  activeLimit: () => number | undefined = () => undefined,
) {
  const store = await open(path);
  const { mapping, registry, read } = mappingOver(store);
  mapping.load(await store.load());
  const clock = createStandingClock(Date.UTC(2026, 10, 23));
  const keys = new KeyRing({ store, vault: createVault(new Uint8Array(32).fill(7)), clock, logger: silent });
  await keys.load();
  const list = new MeterList({ mapping, interfaces: known, keys, logger: silent, activeLimit });
  const records: ChangeRecord[] = [];
  const recorder = { record: (record: ChangeRecord) => void records.push(record) };
  const service = createMeterListService({ list, keys, recorder, reception: (meter) => receptions.get(meter) });
  const keyService = createKeyService({ list, keys, recorder });
  return { path, store, mapping, registry, read, list, keys, records, service, keyService };
}

/** What a refused call says. */
export function refusalOf(answer: { readonly ok: boolean }): string {
  if (answer.ok) throw new Error("it was not refused");
  const { refusal } = answer as { ok: false; refusal: { reason: string; message: string } };
  return `${refusal.reason}: ${refusal.message}`;
}

export function valueFrom<Value>(answer: { readonly ok: true; readonly value: Value } | { readonly ok: false }): Value {
  if (!answer.ok) throw new Error(refusalOf(answer));
  return answer.value;
}
