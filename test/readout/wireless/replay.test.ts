import { expect, it } from "vitest";
import { toHex } from "../../../cosem/codec/bytes.js";
import { createSimulatedMeter, encodeWirelessTelegram } from "../../../src/simulator/index.js";
import { manualClock } from "../../support/manual-clock.js";
import { fixture, meter, startMs, testReceiver } from "./support.js";

const key = "000102030405060708090a0b0c0d0e0f";
const source = createSimulatedMeter(
  { name: "secured", telegrams: ["gwfMtk"], identification: "33333333", primaryAddress: 1, seed: 7 },
  manualClock(startMs),
);

/** Mode 7 with a MAC over its message counter. */
function telegram(counter: number): string {
  const plain = source.telegramsNow()[0] ?? new Uint8Array();
  const bytes = encodeWirelessTelegram({
    plain,
    security: "mode7",
    key: Buffer.from(key, "hex"),
    accessNumber: counter & 0xff,
    counter,
    isCompact: false,
  });
  return toHex(bytes);
}

async function heard(counters: ReadonlyMap<number, number> | undefined, ...lines: readonly string[]) {
  const receiver = testReceiver("roof");
  const made = fixture([receiver], [meter(1, "33333333", key)], {}, counters);
  made.readout.start();
  await made.clock.advance(1000);
  for (const line of lines) {
    await receiver.say(line);
    await made.clock.advance(60_000);
  }
  await made.readout.readAll();
  return made;
}

it("a telegram whose message counter went back is refused, and the same again is not", async () => {
  const { readout, completed, failed } = await heard(undefined, telegram(200), telegram(200));
  expect([completed.length, failed.length]).toEqual([1, 0]);
  expect(readout.counters()).toEqual(new Map([[1, 200]]));
  const replayed = await heard(undefined, telegram(200), telegram(199));
  expect(replayed.completed).toHaveLength(1);
  expect(replayed.readout.counters()).toEqual(new Map([[1, 200]]));
});

it("the counter from before a restart counts on", async () => {
  const before = new Map([[1, 200]]);
  const replayed = await heard(before, telegram(199));
  expect(replayed.completed).toEqual([]);
  expect(replayed.failed).toMatchObject([{ reason: "notOpened", words: expect.stringContaining("counter went back") }]);
  const next = await heard(before, telegram(201));
  expect(next.completed).toHaveLength(1);
  expect(next.readout.counters()).toEqual(new Map([[1, 201]]));
  // A meter that was taken out has no counter to keep.
  expect((await heard(new Map([[9, 5]]))).readout.counters()).toEqual(new Map());
});
