/** A meter with a long history in SQLite, or in memory, behind the DLMS door. Argument: ProfileArgument; sends ProfileReady. */
import {
  type CaptureObject,
  type CosemObject,
  captureObjectDefinition,
  createClientAssociation,
  createInternalReader,
  createLogicalDevice,
  createMemoryProfile,
  createPublicClient,
  type Data,
  encodeGetRequest,
  encodeWrapperFrame,
  fromHex,
  type LogicalDevice,
  logicalName,
  ProfileGeneric,
  type Registry,
  toHex,
  types,
} from "../../../cosem/index.js";
import { packPayload } from "../../../src/mbus/index.js";
import { createSimulatedMeter } from "../../../src/simulator/index.js";
import { openStore } from "../../../src/store/index.js";
import { systemClock } from "../../../src/transport/index.js";
import { createDlmsView } from "../../../src/views/dlms/index.js";
import { openSqlite } from "../../support/sqlite.js";
import { ForgetfulStore } from "./forgetful-store.js";
import { createBenchGateway, quietLogger } from "./meters.js";
import { argumentOf, serve } from "./process.js";

export interface ProfileArgument {
  readonly rows: number;
  /** Of the database; undefined: the rows are in memory. */
  readonly path?: string;
  /** Every row is the first one with another time: written in one statement, for very many rows. */
  readonly isRepeated?: boolean;
}

/** AARQ and GET.request of the buffer, framed, hex; it must be read over a connection of its own. */
export interface ProfileRequest {
  readonly port: number;
  readonly aarq: string;
  readonly get: string;
  /** Ports of the client's frames. */
  readonly ports: { readonly sourceWPort: number; readonly destinationWPort: number };
}

export interface ProfileReady extends ProfileRequest {
  readonly meterId: number;
  readonly columns: number;
  /** The GET of two columns, by range. */
  readonly getTwoColumns: string;
}

const quarterHour = 900_000;
const firstAt = Date.UTC(2026, 0, 1);
const batch = 5000;
const memoryColumns = 27;
/** Load profile 1, of any medium. */
const isLoadProfile = /^\d+-0:99\.1\.0\*255$/;

const { path, rows, isRepeated = false } = argumentOf<ProfileArgument>();

interface Source {
  readonly registry: Registry;
  readonly device: LogicalDevice;
  readonly profile: CosemObject;
  readonly meterId: number;
  readonly captureObjects: readonly CaptureObject[];
}

/** Through a simulated meter and the gateway's mapping. */
async function inStore(databasePath: string): Promise<Source> {
  const store = await openStore({ path: databasePath, clock: systemClock, logger: quietLogger });
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
  if (isRepeated) repeatFirst(databasePath, meterId);
  // Straight into the store: mapping would wait for each commit.
  const layoutId = installed.newest?.layout.id ?? 0;
  for (let number = 2; number <= rows && !isRepeated; number += batch) {
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
  // As after a restart.
  const { registry, mapping } = createBenchGateway(store);
  mapping.load(await store.load());
  const device = mapping.device(meterId);
  const profile = [...(device?.objects() ?? [])].find(({ logicalName: name }) => isLoadProfile.test(name));
  if (device === undefined || profile === undefined) throw new Error("no load profile");
  return { registry, device, profile, meterId, captureObjects: await capturedBy(registry, device, profile) };
}

function repeatFirst(databasePath: string, meterId: number): void {
  const connection = openSqlite(databasePath);
  const statement = `
    INSERT INTO readings (meter_id, number, read_at_ms, layout_id, clock_status, payload)
    WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
    SELECT meter_id, n, read_at_ms + (n - 1) * ?, layout_id, clock_status, payload
    FROM readings, numbers WHERE meter_id = ? AND number = 1`;
  connection.prepare(statement).run(rows, quarterHour, meterId);
  connection.close();
}

async function capturedBy(
  registry: Registry,
  device: LogicalDevice,
  { logicalName: name }: CosemObject,
): Promise<readonly CaptureObject[]> {
  const association = createInternalReader("bench");
  const principal = { association, user: "bench", door: "bench", peer: "bench" };
  const answer = await registry.read({ device, logicalName: name, classId: 7, attributeIndex: 3 }, principal);
  if (!answer.ok || answer.value.type === "array-stream") throw new Error("no capture objects");
  return types.array(captureObjectDefinition).fromData(answer.value);
}

/** Rows of as many columns as the meter's. */
function inMemory(): Source {
  const captureObjects = [
    { classId: 8, logicalName: logicalName("0-0:1.0.0*255"), attributeIndex: 2, dataIndex: 0 },
    ...Array.from({ length: memoryColumns - 1 }, (_, index) => ({
      classId: 3,
      logicalName: logicalName(`6-0:${index + 1}.0.0*255`),
      attributeIndex: 2,
      dataIndex: 0,
    })),
  ];
  const profile = createMemoryProfile({
    logicalName: logicalName("6-0:99.1.0*255"),
    captureObjects,
    capturePeriod: 900,
    profileEntries: rows,
    rows: Array.from({ length: rows }, (_, row) => [
      timeOf(firstAt + row * quarterHour),
      ...Array.from(
        { length: memoryColumns - 1 },
        (_unused, column): Data => ({ type: "double-long-unsigned", value: 1000 * column + row }),
      ),
    ]),
  });
  const { registry } = createBenchGateway(new ForgetfulStore());
  const device = createLogicalDevice({ name: "XXX0000000000016", sap: 16, kind: "meter", objects: [profile] });
  registry.addDevice(device);
  return { registry, device, profile, meterId: 0, captureObjects };
}

/** UTC, as date-time. */
function timeOf(ms: number): Data {
  const at = new Date(ms);
  const value = new Uint8Array(12);
  new DataView(value.buffer).setUint16(0, at.getUTCFullYear());
  value.set([at.getUTCMonth() + 1, at.getUTCDate(), 0xff, at.getUTCHours(), at.getUTCMinutes(), 0, 0], 2);
  return { type: "octet-string", value };
}

const { registry, device, profile, meterId, captureObjects } = path === undefined ? inMemory() : await inStore(path);
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

function getOf(selectiveAccess: { readonly selector: number; readonly parameters: Data } | undefined): string {
  const { logicalName: name } = profile;
  const attribute = { classId: ProfileGeneric.classId, logicalName: name, attributeIndex: 2, selectiveAccess };
  const apdu = encodeGetRequest({ kind: "normal", invokeIdAndPriority: 0xc1, attribute });
  return toHex(encodeWrapperFrame({ ...ports, apdu }));
}

/** From 2026 to 2080: the time, and one register. */
function twoColumns(): { readonly selector: number; readonly parameters: Data } {
  const [clock, ...others] = captureObjects.map((column) => captureObjectDefinition.toData(column));
  const register = others.at(3);
  if (clock === undefined || register === undefined) throw new Error("too few columns");
  const [from, to] = ["07ea0101ff00000000000000", "08200101ff00000000000000"].map(
    (hex): Data => ({ type: "octet-string", value: fromHex(hex) }),
  );
  const value = [clock, from as Data, to as Data, { type: "array", value: [clock, register] } as const];
  return { selector: 1, parameters: { type: "structure", value } };
}

const ready: ProfileReady = {
  port: view.port,
  meterId,
  columns: captureObjects.length,
  aarq: opening?.kind === "send" ? toHex(encodeWrapperFrame({ ...ports, apdu: opening.apdu })) : "",
  get: getOf(undefined),
  getTwoColumns: getOf(twoColumns()),
  ports,
};
serve(ready);
