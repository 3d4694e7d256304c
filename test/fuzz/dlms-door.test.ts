import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectDlms } from "../../conformance/index.js";
import { fromHex, logicalName } from "../../cosem/index.js";
import { createDlmsView, type DlmsView } from "../../src/views/dlms/index.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

const logger = recordingLogger();
let view: DlmsView;

beforeAll(async () => {
  const fixture = createDlmsFixture({ isStreamed: true });
  view = createDlmsView({
    registry: fixture.registry,
    clients: [{ clientSap: 16, association: fixture.association(16), mechanism: 0 }],
    host: "127.0.0.1",
    port: 0,
    limits: { maxConnections: 1200 },
    logger,
    clock: systemClock,
  });
  await view.start();
});
afterAll(() => view.stop());

const name = { classId: 1, logicalName: logicalName("0-0:42.0.0*255"), attributeIndex: 2, selectiveAccess: undefined };

async function expectServing(): Promise<void> {
  const target = { host: "127.0.0.1", port: view.port, clientSap: 16, serverSap: 1 };
  const connection = await connectDlms(target);
  await connection.client.open();
  expect((await connection.client.get(name)).kind).toBe("data");
  await connection.close();
}

function dial(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(view.port, "127.0.0.1", () => resolve(socket));
    socket.on("error", () => socket.destroy());
    socket.resume();
  });
}

const opening = fromHex("000100100001001f601da109060760857405080101be10040e01000000065f1f0400001e5dffff");
const start = fc.constantFrom(
  opening,
  fromHex("000100100001ffff"),
  fromHex("0001001000010400"),
  fromHex("0001001000010000"),
  fromHex("0001001000010010c104c1ff"),
  new Uint8Array(0),
);

it("any bytes leave the door open for others", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(start, fc.uint8Array({ maxLength: 200 })), { maxLength: 5 }), async (writes) => {
      const socket = await dial();
      for (const [head, rest] of writes) socket.write(Buffer.concat([head, rest]));
      socket.end();
      await new Promise<void>((resolve) => socket.once("close", resolve));
    }),
    { numRuns: 200 },
  );
  await expectServing();
  expect(logger.lines.filter((line) => line.level === "error")).toEqual([]);
});

it("a thousand connections with half a frame of 1 KB each cost little", async () => {
  const before = process.memoryUsage();
  const sockets = await Promise.all(Array.from({ length: 1000 }, dial));
  for (const socket of sockets) socket.write(fromHex("0001001000010400c1"));
  await expectServing();
  const after = process.memoryUsage();
  // Both ends of each connection are in this process.
  expect(after.rss - before.rss).toBeLessThan(200_000_000);
  for (const socket of sockets) socket.destroy();
  while (view.connectionCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await expectServing();
});
