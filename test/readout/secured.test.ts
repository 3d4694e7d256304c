/** Wired meters that encrypt, on a simulated bus. What they send in plain is known from the source of the telegram. */
import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/codec/bytes.js";
import {
  AesKey,
  decodeApplication,
  decodeLinkFrame,
  LinkSlave,
  type MeterTarget,
  type SecondaryAddress,
} from "../../src/mbus/index.js";
import type { ReadoutFailure } from "../../src/readout/index.js";
import { createSimulatedBus, type SimulatedMeter } from "../../src/simulator/index.js";
import { channelPair } from "../support/channel-pair.js";
import { testFile } from "../support/repository.js";
import { bench, quickSettings } from "./bench.js";

const { items } = JSON.parse(readFileSync(testFile("vectors/mbus/wireless-examples.json"), "utf8")) as {
  items: readonly { readonly id: string; readonly hex: string; readonly key: string }[];
};
const example = items.find(({ id }) => id === "oms-n-5-4-wired");
if (example === undefined) throw new Error("the example is gone");
const key = fromHex(example.key);
const frame = decodeLinkFrame(fromHex(example.hex));
if (frame.kind !== "long") throw new Error(frame.kind);
const published = frame.applicationData;
/** id4 M2 V T of its long header. */
const address = published.slice(1, 9) as SecondaryAddress;

/** Mode 5 with a long or a short header; initialization vector M2 id4 V T and eight times the access number. */
function encrypted(records: string, header: "long" | "short", accessNumber: number): Uint8Array {
  const plain = fromHex(`2f2f${records}`);
  const padded = new Uint8Array(Math.ceil(plain.length / 16) * 16).fill(0x2f);
  padded.set(plain.subarray(0, -1));
  // A DIF 1F stands last, so fillers go in front of it.
  padded[padded.length - 1] = plain[plain.length - 1] as number;
  const vector = Uint8Array.of(
    ...address.subarray(4, 6),
    ...address.subarray(0, 4),
    ...address.subarray(6),
    ...new Uint8Array(8).fill(accessNumber),
  );
  const cipher = createCipheriv("aes-128-cbc", key, vector).setAutoPadding(false);
  const start = header === "long" ? [0x72, ...address] : [0x7a];
  return Uint8Array.of(...start, accessNumber, 0, (padded.length / 16) << 4, 0x05, ...cipher.update(padded));
}

function meterSending(telegrams: readonly Uint8Array[]): SimulatedMeter {
  const slave = new LinkSlave({ primaryAddress: 5, secondaryAddress: address, readout: () => telegrams });
  return {
    name: "secured",
    spec: { name: "secured", telegrams: [], identification: "55667788", primaryAddress: 5, seed: 0 },
    primaryAddress: 5,
    secondaryAddress: address,
    isDead: false,
    applicationErrorCode: undefined,
    receive: (request) => slave.receive(request),
    telegramsNow: () => telegrams,
  };
}

/** Reads the meter once. */
async function read(
  telegrams: readonly Uint8Array[],
  aesKey: Uint8Array | undefined,
  target: MeterTarget = { kind: "secondary", mask: address },
) {
  const failed: { reason: ReadoutFailure; words: string }[] = [];
  const completed: (readonly Uint8Array[])[] = [];
  const meter = { meterId: 1, busName: "a", target, key: aesKey && new AesKey(aesKey) };
  const open = async () => {
    const [ours, theirs] = channelPair();
    createSimulatedBus({ name: "a", meters: [meterSending(telegrams)], clock, baudRate: 2400 }).attach(theirs);
    return ours;
  };
  const { run, readout, clock } = bench([], {
    buses: [{ name: "a", open, settings: quickSettings }],
    plan: { metersOf: () => [meter], find: () => meter },
    sink: {
      completed: (one) => void completed.push(one.telegrams),
      failed: (_, reason, words) => void failed.push({ reason, words }),
    },
  });
  await run(readout.readAll());
  return { failed, completed: completed[0] };
}

const valuesOf = (telegram: Uint8Array | undefined) =>
  decodeApplication(telegram ?? new Uint8Array()).records.map(({ header }) => toHex(header));

it("opens the published telegram with the meter's key before it is handed on", async () => {
  const { completed, failed } = await read([published], key);
  expect(failed).toEqual([]);
  expect(completed).toHaveLength(1);
  expect(valuesOf(completed?.[0])).toEqual(["0b6e", "426c", "4b6e", "0cfd10", "0c78"]);
});

it.each(["long", "short"] as const)("finds the DIF 1F of an encrypted telegram, %s header", async (header) => {
  const more = encrypted("0c13785634121f", header, 1);
  const last = encrypted("0c14332211002f", header, 2);
  const { completed, failed } = await read([more, last], key);
  expect(failed).toEqual([]);
  expect(completed?.map(valuesOf)).toEqual([["0c13"], ["0c14"]]);
});

it("hands a telegram in plain on as it is, key or not", async () => {
  const plain = Uint8Array.of(0x72, ...address, 1, 0, 0, 0, 0x0c, 0x13, 0x78, 0x56, 0x34, 0x12);
  expect((await read([plain], key)).completed).toEqual([plain]);
});

it("says that the key is missing", async () => {
  const { completed, failed } = await read([published], undefined);
  expect(completed).toBeUndefined();
  expect(failed).toEqual([notOpened(/no key fits it/)]);
});

it("says that the key is wrong", async () => {
  const { completed, failed } = await read([published], key.toReversed());
  expect(completed).toBeUndefined();
  expect(failed).toEqual([notOpened(/its key does not open them/)]);
});

it("needs an address to open a short header: a primary address alone is none", async () => {
  const telegram = encrypted("0c13785634122f", "short", 1);
  const { failed } = await read([telegram], key, { kind: "primary", address: 5 });
  expect(failed).toEqual([notOpened(/no address/)]);
});

it("opens a short header read by primary address with the address configured beside it", async () => {
  const telegram = encrypted("0c13785634122f", "short", 1);
  const { completed, failed } = await read([telegram], key, { kind: "primary", address: 5, expected: address });
  expect(failed).toEqual([]);
  expect(completed?.map(valuesOf)).toEqual([["0c13"]]);
});

it("refuses another meter's long header at that primary address", async () => {
  const other = address.with(0, 0x99) as SecondaryAddress;
  const { failed } = await read([published], key, { kind: "primary", address: 5, expected: other });
  expect(failed.map(({ reason }) => reason)).toEqual(["wrongMeter"]);
});

function notOpened(words: RegExp) {
  return { reason: "notOpened", words: expect.stringMatching(words) as unknown };
}
