import { afterEach, describe, expect, it } from "vitest";
import { toHex } from "../../cosem/codec/bytes.js";
import { defaultMasterSettings } from "../../src/mbus/index.js";
import { type CompletedReadout, createReadout, type Readout } from "../../src/readout/index.js";
import { type AnswerNotice, createSimulatedBus, createSimulatedMeter, demoBuses } from "../../src/simulator/index.js";
import { connectTcp, listenTcp, systemClock, type TcpServer } from "../../src/transport/index.js";
import { keepingLogger } from "../support/silent-logger.js";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface OverTcp {
  readonly readout: Readout;
  readonly completed: CompletedReadout[];
  readonly ledger: AnswerNotice[];
  readonly servers: readonly TcpServer[];
}

/** The demo's buses behind loopback TCP, as fast as they can or paced, read by a readout over real sockets. */
async function demoOverTcp(baudRate: number | undefined, mostMeters = 40): Promise<OverTcp> {
  const ledger: AnswerNotice[] = [];
  const completed: CompletedReadout[] = [];
  const servers: TcpServer[] = [];
  const planned: { meterId: number; busName: string; target: { kind: "secondary"; mask: Uint8Array } }[] = [];
  const buses = [];
  for (const demo of demoBuses()) {
    const meters = demo.meters.slice(0, mostMeters).map((spec) => createSimulatedMeter(spec, systemClock));
    const pace = baudRate === undefined ? {} : { baudRate };
    const onAnswer = (notice: AnswerNotice) => void ledger.push(notice);
    const bus = createSimulatedBus({ name: demo.name, meters, clock: systemClock, onAnswer, ...pace });
    const server = await listenTcp({
      host: "127.0.0.1",
      port: 0,
      maxConnections: 2,
      accept: (channel) => bus.attach(channel),
    });
    servers.push(server);
    closing.push(() => server.close());
    for (const meter of meters) {
      const target = { kind: "secondary", mask: meter.secondaryAddress } as const;
      planned.push({ meterId: planned.length + 1, busName: demo.name, target });
    }
    buses.push({
      name: demo.name,
      open: () => connectTcp({ host: "127.0.0.1", port: server.port }),
      settings: { ...defaultMasterSettings, baudRate: baudRate ?? 38_400, requestIdleMs: 0, initIdleMs: 0 },
    });
  }
  const readout = createReadout({
    buses,
    plan: {
      metersOf: (busName) => planned.filter((meter) => meter.busName === busName),
      find: (meterId) => planned.find((meter) => meter.meterId === meterId),
    },
    sink: { completed: (one) => void completed.push(one), failed: () => undefined },
    clock: systemClock,
    logger: keepingLogger(),
  });
  closing.push(() => readout.stop());
  return { readout, completed, ledger, servers };
}

describe("over loopback TCP", () => {
  it("reads all 40 meters of three unpaced buses, each answer as sent, in well under ten seconds", async () => {
    const { readout, completed, ledger } = await demoOverTcp(undefined);
    const report = await readout.readAll();
    expect(report).toMatchObject({ read: 40, failed: 0 });
    expect(completed.flatMap((one) => one.telegrams.map(toHex)).toSorted()).toEqual(
      ledger.map((notice) => toHex(notice.telegram)).toSorted(),
    );
    expect(report.durationMs).toBeLessThan(10_000);
  });

  it("reads paced buses, frames arriving in pieces", async () => {
    const { readout } = await demoOverTcp(9600, 2);
    expect(await readout.readAll()).toMatchObject({ read: 6, failed: 0 });
  });

  it("stops within a second in the middle of a frame", async () => {
    const { readout } = await demoOverTcp(300, 1);
    const cycle = readout.readAll();
    // 300 baud: the request alone is more than half a second on the wire.
    await new Promise<void>((resolve) => systemClock.after(1500, resolve));
    const before = systemClock.monotonic();
    await readout.stop();
    expect(systemClock.monotonic() - before).toBeLessThan(1000);
    expect(await cycle).toMatchObject({ read: 0, failed: 0, skipped: 3 });
  });

  it("counts an interface that is gone as unreachable, and reads the others", async () => {
    const { readout, servers } = await demoOverTcp(undefined, 2);
    await servers[0]?.close();
    const report = await readout.readAll();
    expect(report.buses.map((bus) => [bus.read, bus.failed])).toEqual([
      [0, 2],
      [2, 0],
      [2, 0],
    ]);
  });
});
