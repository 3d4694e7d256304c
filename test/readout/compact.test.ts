/** Wired meters that answer with compact frames, on a simulated bus. */
import { expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import { decodeApplication, LinkSlave, type SecondaryAddress } from "../../src/mbus/index.js";
import { createSimulatedBus, type SimulatedMeterSpec } from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { bench, quickSettings } from "./bench.js";

const spec: SimulatedMeterSpec = {
  name: "water",
  telegrams: ["hydrometerWater"],
  identification: "92752244",
  primaryAddress: 5,
  seed: 1,
  fullEach: 3,
};

it("reads a meter whose full frames come once in three readouts", async () => {
  const { run, readout, completed, failed } = bench([{ name: "a", meters: [spec] }]);
  for (let cycle = 0; cycle < 4; cycle++) await run(readout.readAll());
  expect(failed).toEqual([]);
  const sent = completed.map(({ telegrams, received }) => (received?.frames ?? telegrams)[0]?.[0]);
  expect(sent).toEqual([0x72, 0x7b, 0x7b, 0x72]);
  // As hydrometerWater (oms_frame2.hex of libmbus) has them.
  for (const { telegrams } of completed) {
    const [telegram = new Uint8Array()] = telegrams;
    const { meter, records } = decodeApplication(telegram);
    expect([telegram[0], meter.id]).toEqual([0x72, "92752244"]);
    expect(records.map(({ header }) => toHex(header))).toEqual(["0c13", "0b3b", "4c13", "426c", "02fd17"]);
  }
});

const address = fromHex("7856341293153307") as SecondaryAddress;
const headers = "0c1402fd17";
const full = "0c142704850202fd170000";

/** Reads a meter that answers with these telegrams. */
async function readOf(telegrams: readonly string[]) {
  const slave = new LinkSlave({
    primaryAddress: 5,
    secondaryAddress: address,
    readout: () => telegrams.map((telegram) => fromHex(telegram)),
  });
  const meter = {
    name: "compact",
    spec: { ...spec, fullEach: 1 },
    primaryAddress: 5,
    secondaryAddress: address,
    isDead: false,
    applicationErrorCode: undefined,
    receive: (request: Parameters<LinkSlave["receive"]>[0]) => slave.receive(request),
    telegramsNow: () => [],
  };
  const planned = { meterId: 1, busName: "a", target: { kind: "secondary", mask: address } as const };
  const words: string[] = [];
  const read: { telegrams: readonly string[]; received: readonly string[] | undefined }[] = [];
  const open = async () => {
    const [ours, theirs] = channelPair();
    createSimulatedBus({ name: "a", meters: [meter], clock, baudRate: 2400 }).attach(theirs);
    return ours;
  };
  const { run, readout, clock } = bench([], {
    buses: [{ name: "a", open, settings: quickSettings }],
    plan: { metersOf: () => [planned], find: () => planned },
    sink: {
      completed: ({ telegrams: plain, received }) =>
        void read.push({ telegrams: plain.map(toHex), received: received?.frames.map(toHex) }),
      failed: (_, reason, why) => void words.push(`${reason}: ${why}`),
    },
  });
  await run(readout.readAll());
  return { read, words };
}

/** EN 13757's CRC: polynomial 3D65, most significant bit first, complemented. */
function crc(bytes: Uint8Array): string {
  let register = 0;
  for (const byte of bytes) {
    register ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      register = (register & 0x8000) === 0 ? register << 1 : ((register << 1) ^ 0x3d65) & 0xffff;
    }
  }
  const value = ~register & 0xffff;
  return toHex(Uint8Array.of(value & 0xff, value >> 8));
}

const compact = `7b01000000${crc(fromHex(headers))}${crc(fromHex(full))}270485020000`;
const format = `6a0100000007${crc(fromHex(headers))}${headers}`;

it("asks on behind a format frame, and keeps it behind the telegram it was for", async () => {
  const { read, words } = await readOf([format, compact]);
  expect(words).toEqual([]);
  expect(read).toEqual([{ telegrams: [`72${toHex(address)}01000000${full}`], received: [compact, format] }]);
});

it("says so where a compact frame comes first, or a format frame alone", async () => {
  expect((await readOf([compact])).words).toEqual([
    expect.stringMatching(/^notOpened: The meter sends compact frames/),
  ]);
  expect((await readOf([format])).words).toEqual([expect.stringMatching(/^notOpened: .* next readout can be read/)]);
});
