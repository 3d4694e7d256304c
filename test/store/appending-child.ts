/**
 * Child of the kill test: appends to every meter, without end, and prints `meter number` once a commit is
 * acknowledged (written synchronously: what the parent reads was acknowledged before the kill).
 */
import type { Clock, Logger } from "../../src/ports/index.js";
import { openStore } from "../../src/store/index.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds);
    return () => clearTimeout(timer);
  },
};

const path = process.argv[2] ?? "";
// Blocks after a few readings: a kill often strikes while one is made.
const compaction = { openRows: 4, batchRows: 6, blockRows: 32 };
const store = await openStore({ path, clock, logger: silent, groupMs: 2, compaction });
const state = await store.load();
const layout = { id: 1, kind: "kind", shape: Uint8Array.of(1) };
const meters = [...state.meters];
while (meters.length < 8) {
  const sap = 16 + meters.length;
  meters.push(
    await store.addMeter({
      sap,
      logicalDeviceName: undefined,
      kind: undefined,
      interfaceName: "bus",
      secondaryAddress: undefined,
      primaryAddress: sap,
      position: "",
    }),
  );
}

await Promise.all(
  meters.map(async ({ id }) => {
    for (let number = (state.newest.find((row) => row.meterId === id)?.number ?? 0) + 1; ; number++) {
      const payload = new Uint8Array(200).fill(number & 255);
      const reading = { meterId: id, number, readAtMs: number * 1000, layoutId: 1, clockStatus: 0, payload };
      await store.commit({ reading, newLayout: layout });
      // Not writeSync(1): it throws EAGAIN when the test has not read yet. Written to a pipe this is synchronous too.
      process.stdout.write(`${id} ${number}\n`);
    }
  }),
);
