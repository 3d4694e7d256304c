import { expect, it } from "vitest";
import { toHex } from "../../../cosem/codec/bytes.js";
import type { RadioReceiver } from "../../../src/readout/index.js";
import { streamBytes, streamCases } from "../../mbus/receivers/streams.js";
import { fixture, meter, testReceiver } from "./support.js";

const hour = 3_600_000;
const culfwLine = streamCases.find(({ type }) => type === "culfw");
if (culfwLine === undefined) throw new Error("no stream of culfw");
const ascii = (bytes: readonly Uint8Array[]) => bytes.map((part) => Buffer.from(part).toString("latin1"));

it("sets a receiver up when its line opens", async () => {
  const receiver = testReceiver("stick", { type: "culfw" });
  const { readout, clock } = fixture([receiver], []);
  readout.start();
  await clock.advance(1000);
  expect(ascii(receiver.sent)).toEqual(["X21\r\n", "brc\r\n"]);
  expect(readout.receivers()).toMatchObject([{ name: "stick", group: "air", isOpen: true, telegrams: 0, resets: 0 }]);
});

it("resets a receiver that is silent for so long, again and again, counts and logs it", async () => {
  const receiver = testReceiver("stick", { type: "culfw", silenceResetMs: 4 * hour });
  const { readout, clock, logger } = fixture([receiver], []);
  readout.start();
  await clock.advance(3 * hour);
  await receiver.say(streamBytes(culfwLine));
  expect(readout.receivers()).toMatchObject([{ telegrams: 1, resets: 0 }]);
  await clock.advance(4 * hour - 2000);
  expect(readout.receivers()).toMatchObject([{ resets: 0 }]);
  await clock.advance(10_000);
  expect(readout.receivers()).toMatchObject([{ resets: 1, isOpen: true, failures: 0 }]);
  expect(receiver.ends).toHaveLength(2);
  expect(ascii(receiver.sent)).toEqual(["X21\r\n", "brc\r\n", "B00\r\n", "X21\r\n", "brc\r\n"]);
  expect(logger.lines.filter(({ message }) => message === "receiver silent: it is reset")).toHaveLength(1);
  await clock.advance(9 * hour);
  expect(readout.receivers()).toMatchObject([{ resets: 3 }]);
});

it("counts and logs a reset that its line does not take, and opens the line anew all the same", async () => {
  const stick = testReceiver("stick", { type: "culfw", silenceResetMs: hour });
  const { source } = stick;
  if (source.kind !== "line") throw new Error("a line is wanted");
  const deaf: RadioReceiver = {
    ...stick,
    source: {
      kind: "line",
      async open() {
        const channel = await source.open();
        const write = (bytes: Uint8Array) => {
          const isReset = Buffer.from(bytes).toString("latin1").startsWith("B00");
          return isReset ? Promise.reject(new Error("the device takes nothing")) : channel.write(bytes);
        };
        return { ...channel, listen: channel.listen.bind(channel), close: channel.close.bind(channel), write };
      },
    },
  };
  const { readout, clock, logger } = fixture([deaf], []);
  readout.start();
  await clock.advance(hour + 10_000);
  expect(readout.receivers()).toMatchObject([{ resets: 1, failedResets: 1, isOpen: true, failures: 0 }]);
  expect(stick.ends).toHaveLength(2);
  const lines = logger.lines.filter(({ message }) => message === "receiver did not take its reset");
  expect(lines).toMatchObject([{ fields: { receiver: "stick", cause: "the device takes nothing" } }]);
});

it("counts and logs a reset that the receiver refuses", async () => {
  const receiver = testReceiver("stick", { type: "amb8465", silenceResetMs: hour });
  const { readout, clock, logger } = fixture([receiver], []);
  readout.start();
  await clock.advance(1000);
  // The set-up may be refused too: that is no failed reset.
  await receiver.say(amberAnswer(0x05, 1));
  expect(readout.receivers()).toMatchObject([{ failedResets: 0 }]);
  // The reset is sent an hour after the line opened; its answer has a second.
  await clock.advance(hour - 900);
  await receiver.say(amberAnswer(0x05, 1));
  await clock.advance(10_000);
  expect(readout.receivers()).toMatchObject([{ resets: 1, failedResets: 1, isOpen: true }]);
  expect(logger.lines.some(({ message }) => message === "receiver did not take its reset")).toBe(true);
});

/** FF, command with bit 7, length, status, XOR of all before it. */
function amberAnswer(command: number, status: number): Uint8Array {
  const bytes = [0xff, 0x80 | command, 1, status];
  return Uint8Array.of(
    ...bytes,
    bytes.reduce((check, byte) => check ^ byte, 0),
  );
}

it("never resets where the setting is 0", async () => {
  const receiver = testReceiver("stick", { type: "culfw" });
  const { readout, clock } = fixture([receiver], []);
  readout.start();
  await clock.advance(100 * hour);
  expect(readout.receivers()).toMatchObject([{ resets: 0 }]);
});

it("opens a lost line anew, waiting longer each time, and tells the cause", async () => {
  let opens = 0;
  const absent: RadioReceiver = {
    ...testReceiver("stick"),
    source: {
      kind: "line",
      async open() {
        opens += 1;
        throw new Error("there is no such device");
      },
    },
  };
  const present = testReceiver("roof");
  const { readout, clock } = fixture([absent, present], [meter(1, "33225544AE4C6807")]);
  readout.start();
  // Tries at 0, 0.5, 1.5, 3.5, 7.5 s.
  await clock.advance(7400);
  expect(opens).toBe(4);
  await clock.advance(200);
  expect(opens).toBe(5);
  await clock.advance(10 * 60_000);
  expect(opens).toBeLessThan(20);
  expect(readout.receivers()).toMatchObject([
    { isOpen: false, cause: "there is no such device" },
    { isOpen: true, failures: 0 },
  ]);
  // The other one is not held up.
  await present.say("1844ae4c4455223368077a55000000041389e20100023b0000");
  expect(await readout.readAll()).toMatchObject({ read: 1 });

  await present.ends[0]?.close();
  await clock.advance(1000);
  expect(present.ends).toHaveLength(2);
  expect(readout.receivers()[1]).toMatchObject({ isOpen: true, failures: 1, cause: "closed by the other side" });
});

it("starts a program that ends after each telegram ever later, until it holds for half a minute", async () => {
  const program = testReceiver("pipe");
  const { readout, clock } = fixture([program], []);
  const line = "1844ae4c4455223368077a55000000041389e20100023b0000";
  readout.start();
  await clock.advance(10);
  // 0.5 s doubled at each end, at most a minute.
  for (const pauseMs of [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
    const starts = program.ends.length;
    await program.say(line);
    await program.ends.at(-1)?.close();
    await clock.advance(pauseMs - 20);
    expect([pauseMs, program.ends.length]).toEqual([pauseMs, starts]);
    await clock.advance(40);
    expect([pauseMs, program.ends.length]).toEqual([pauseMs, starts + 1]);
  }
  expect(readout.receivers()).toMatchObject([{ telegrams: 9, failures: 9 }]);

  await clock.advance(30_000);
  await program.say(line);
  await program.ends.at(-1)?.close();
  await clock.advance(520);
  expect(program.ends).toHaveLength(11);
});

it.each([
  ["im871a", "a5820317"],
  ["iu891a", "c009209f436d38"],
  ["amb8465", "ff0318"],
  ["culfw", toHex(new TextEncoder().encode("b1844AE4C44"))],
  ["rc1180", "1844ae4c4455223368077a"],
  ["rtlWmbus", toHex(new TextEncoder().encode("T1;1;1;2022-08-23 23:20:57.000;127;162;33225544;0x1844ae"))],
] as const)("counts a message of %s that the end of its line cut", async (type, cut) => {
  const receiver = testReceiver("stick", { type });
  const { readout, clock } = fixture([receiver], []);
  readout.start();
  await clock.advance(1000);
  await receiver.say(Buffer.from(cut, "hex"));
  expect(readout.receivers()).toMatchObject([{ telegrams: 0, rejected: 0 }]);
  await receiver.ends[0]?.close();
  await clock.advance(10);
  expect(readout.receivers()).toMatchObject([{ telegrams: 0, rejected: 1, failures: 1 }]);
});

it("counts what a pause cut, and what a line says it cut", async () => {
  const stick = testReceiver("stick", { type: "im871a" });
  const cul = testReceiver("cul", { type: "culfw" });
  const { readout, clock } = fixture([stick, cul], []);
  readout.start();
  await clock.advance(1000);
  await stick.say(Buffer.from("a5820317", "hex"));
  // A line of 12 bytes where its L field says 24 and CRCs.
  await cul.say(new TextEncoder().encode("b1844AE4C4455223368077A55\r\n"));
  await clock.advance(1000);
  expect(readout.receivers()).toMatchObject([{ rejected: 1 }, { rejected: 1 }]);
});

it("gives up what a pause has ended, for receivers whose messages do not say where they end", async () => {
  const receiver = testReceiver("raw", { type: "rawBytes" });
  const { readout, clock } = fixture([receiver], []);
  const telegram = Buffer.from("1844ae4c4455223368077a55000000041389e20100023b0000", "hex");
  readout.start();
  await clock.advance(1000);
  await receiver.say(telegram.subarray(0, 12));
  await clock.advance(400);
  await receiver.say(telegram);
  expect(readout.receivers()).toMatchObject([{ telegrams: 1 }]);
  expect(toHex(telegram.subarray(0, 1))).toBe("18");
});

it("has a driver for each receiver that connects", async () => {
  const visitors: Parameters<Extract<RadioReceiver["source"], { kind: "visitors" }>["listen"]>[0][] = [];
  let closed = 0;
  const receiver: RadioReceiver = {
    ...testReceiver("visitors"),
    source: {
      kind: "visitors",
      async listen(onChannel) {
        visitors.push(onChannel);
        return {
          async close() {
            closed += 1;
          },
        };
      },
    },
  };
  const { readout, clock } = fixture([receiver], []);
  readout.start();
  await clock.advance(100);
  const one = testReceiver("one");
  const other = testReceiver("other");
  for (const visitor of [one, other]) {
    if (visitor.source.kind === "line") visitors[0]?.(await visitor.source.open());
  }
  const line = "1844ae4c4455223368077a55000000041389e20100023b0000";
  await one.ends[0]?.write(Buffer.from(line.slice(0, 20)));
  await other.say("1344304c1c7406018800a04114001300aa3afd3c");
  await one.ends[0]?.write(Buffer.from(`${line.slice(20)}\n`));
  await clock.advance(10);
  expect(readout.receptions.page({ limit: 10 }).receptions.map(({ meter }) => meter)).toEqual([
    "SAP0106741C0088",
    "SEN332255440768",
  ]);
  await one.ends[0]?.close();
  expect(readout.receivers()).toMatchObject([{ isOpen: true, failures: 0 }]);
  const stopping = readout.stop();
  await clock.advance(1000);
  await stopping;
  expect(closed).toBe(1);
});
