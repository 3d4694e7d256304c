/**
 * A meter with a long history in SQLite behind the DLMS door, and as many plain rows beside it. Argument:
 * `{"path": file, "plainPath": file, "rows": n}`; sends ProfileReady.
 */
import {
  createClientAssociation,
  createPublicClient,
  encodeGetRequest,
  encodeWrapperFrame,
  ProfileGeneric,
  toHex,
} from "../../../cosem/index.js";
import { packPayload } from "../../../src/mbus/index.js";
import { createSimulatedMeter } from "../../../src/simulator/index.js";
import { openStore } from "../../../src/store/index.js";
import { systemClock } from "../../../src/transport/index.js";
import { createDlmsView } from "../../../src/views/dlms/index.js";
import { createBenchGateway, quietLogger } from "./meters.js";
import { argumentOf, serve } from "./process.js";
import { writeRows } from "./store-files.js";

export interface ProfileReady {
  readonly port: number;
  readonly meterId: number;
  readonly columns: number;
  /** AARQ and GET.request of the buffer, framed, hex. */
  readonly aarq: string;
  readonly get: string;
  /** Ports of the client's frames. */
  readonly ports: { readonly sourceWPort: number; readonly destinationWPort: number };
}

const quarterHour = 900_000;
const firstAt = Date.UTC(2026, 0, 1);
const batch = 5000;

const { path, plainPath, rows } = argumentOf<{ path: string; plainPath: string; rows: number }>();
const store = await openStore({ path, clock: systemClock, logger: quietLogger });
const learning = createBenchGateway(store);
let now = firstAt;
const meter = createSimulatedMeter(
  { name: "heat", telegrams: ["multical601"], identification: "06855817", primaryAddress: 1, seed: 1 },
  { ...systemClock, now: () => now },
);
const installed = await learning.mapping.install({
  interfaceName: "bus",
  secondaryAddress: undefined,
  primaryAddress: 1,
  position: "",
});
const { id: meterId } = installed.row;
await learning.mapping.completed({ meterId, telegrams: meter.telegramsNow(), readAtMs: now, durationMs: 250 });
// Straight into the store: mapping would wait for each commit.
const layoutId = installed.newest?.layout.id ?? 0;
for (let number = 2; number <= rows; number += batch) {
  const commits: Promise<void>[] = [];
  for (let next = number; next < number + batch && next <= rows; next++) {
    now = firstAt + (next - 1) * quarterHour;
    const payload = packPayload(meter.telegramsNow());
    commits.push(
      store.commit({ reading: { meterId, number: next, readAtMs: now, layoutId, clockStatus: 0, payload } }),
    );
  }
  await Promise.all(commits);
}

await store.compact();
// The reference's own file: the store's readings are in blocks now.
writeRows(plainPath, ["multical601"], rows);

// As after a restart.
const { registry, mapping } = createBenchGateway(store);
mapping.load(await store.load());
const device = mapping.device(meterId);
const profile = [...(device?.objects() ?? [])].find((object) => object.interfaceClass === ProfileGeneric);
if (device === undefined || profile === undefined) throw new Error("no load profile");
const view = createDlmsView({
  registry,
  clients: [{ clientSap: 16, association: createPublicClient({ readsMeters: true }), mechanism: 0 }],
  clock: systemClock,
  logger: quietLogger,
  host: "127.0.0.1",
  port: 0,
});
await view.start();

const ports = { sourceWPort: 16, destinationWPort: device.sap };
const [opening] = createClientAssociation({}).open();
const attribute = {
  classId: ProfileGeneric.classId,
  logicalName: profile.logicalName,
  attributeIndex: 2,
  selectiveAccess: undefined,
};
const ready: ProfileReady = {
  port: view.port,
  meterId,
  columns: (device.meterKind?.registers.length ?? 0) + 2,
  aarq: opening?.kind === "send" ? toHex(encodeWrapperFrame({ ...ports, apdu: opening.apdu })) : "",
  get: toHex(
    encodeWrapperFrame({ ...ports, apdu: encodeGetRequest({ kind: "normal", invokeIdAndPriority: 0xc1, attribute }) }),
  ),
  ports,
};
serve(ready);
