import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { joinCycles } from "../../../src/readout/index.js";
import { fixture, meter, startMs, testReceiver } from "./support.js";

/**
 * wmbusmeters' simulation telegrams, whole; what is to be stored by hand: CI 72, id4 M2 V T, access number, status,
 * configuration word 0, records.
 */
const plain = "1844ae4c4455223368077a55000000041389e20100023b0000";
const stored = "7244552233ae4c6807550000000413" + "89e20100023b0000";
const later = plain.replace("7a55", "7a56").replace("89e2", "90e2");
const address = "33225544AE4C6807";
/** The same through a repeater: hop bit of the configuration word (bit 0 of its first byte). */
const repeated = plain.replace("7a55000000", "7a55000100");

async function started(...parts: Parameters<typeof fixture>) {
  const made = fixture(...parts);
  made.readout.start();
  await made.clock.advance(1000);
  return made;
}

describe("the cycle", () => {
  it("takes the newest telegram of each meter once, with its time of reception", async () => {
    const receiver = testReceiver("roof");
    const { readout, completed, failed, clock } = await started([receiver], [meter(1, address), meter(2, "11111111")]);
    await receiver.say(plain);
    await clock.advance(60_000);
    await receiver.say(later);
    await clock.advance(60_000);
    const report = await readout.readAll();
    expect(report).toMatchObject({ read: 1, failed: 1, skipped: 0, buses: [{ busName: "air", read: 1, failed: 1 }] });
    expect(completed).toHaveLength(1);
    expect(completed[0]).toMatchObject({ meterId: 1, readAtMs: startMs + 61_000, durationMs: 0 });
    expect(completed[0]?.telegrams.map(toHex)).toEqual([stored.replace("0755", "0756").replace("89e2", "90e2")]);
    expect(failed).toMatchObject([{ meterId: 2, reason: "notHeard" }]);

    // Nothing new since: a failed readout, not the old value again.
    await readout.readAll();
    expect(completed).toHaveLength(1);
    expect(failed.map(({ meterId, reason }) => [meterId, reason])).toEqual([
      [2, "notHeard"],
      [1, "notHeard"],
      [2, "notHeard"],
    ]);
  });

  it("stores every telegram where the setting says so", async () => {
    const receiver = testReceiver("roof");
    const { readout, completed, failed, clock } = await started([receiver], [meter(1, "33225544")], {
      storeEveryTelegram: true,
    });
    await receiver.say(plain);
    await clock.advance(10_000);
    await receiver.say(later);
    expect(completed.map(({ readAtMs }) => readAtMs)).toEqual([startMs + 1000, startMs + 11_000]);
    expect(await readout.readAll()).toMatchObject({ read: 1, failed: 0 });
    expect(completed).toHaveLength(2);
    expect(await readout.readAll()).toMatchObject({ read: 0, failed: 1 });
    expect(failed).toHaveLength(1);
  });

  it("says why a telegram that was heard could not be read", async () => {
    // OMS example telegram of wmbusmeters' tests would need its key: mode 5, one block.
    const encrypted = `2044ae4c4455223368077a5500100500112233445566778899aabbccddeeff0413`;
    const whole = `${(encrypted.length / 2 - 1).toString(16)}${encrypted.slice(2)}`;
    const receiver = testReceiver("roof");
    const noKey = await started([receiver], [meter(1, address)]);
    await receiver.say(whole);
    await noKey.readout.readAll();
    expect(noKey.failed).toMatchObject([{ meterId: 1, reason: "notOpened" }]);
    expect(noKey.failed[0]?.words).toContain("key");

    const other = testReceiver("roof");
    const wrongKey = await started([other], [meter(1, address, "000102030405060708090a0b0c0d0e0f")]);
    await other.say(whole);
    await wrongKey.readout.readAll();
    expect(wrongKey.failed[0]?.words).toMatch(/2F 2F|key/);
    expect(JSON.stringify(wrongKey.logger.lines)).not.toContain("000102030405060708");
  });

  it("tells of a telegram under a wrong key beside a good one of the same meter", async () => {
    const receiver = testReceiver("roof");
    const key = "000102030405060708090a0b0c0d0e0f";
    const { readout, completed, failed, clock } = await started([receiver], [meter(1, address, key)]);
    const wrong = "1e44ae4c4455223368077a5600100500112233445566778899aabbccddeeff";
    await receiver.say(wrong);
    await clock.advance(10_000);
    await receiver.say(plain);
    const expected = { words: expect.stringMatching(/wrongKey.*2F 2F/) as unknown, atMs: startMs + 1000 };
    expect(readout.receptions.find("SEN332255440768")).toMatchObject({
      isEncrypted: false,
      count: 2,
      unread: { count: 1, lastAtMs: startMs + 1000, cause: expected.words },
    });
    expect(await readout.readAll()).toMatchObject({ read: 1, failed: 0 });
    expect(failed).toEqual([]);
    expect(completed).toMatchObject([{ unread: expected }]);
    expect(completed[0]?.unread?.received.frames.map(toHex)).toEqual([wrong]);

    // The other way about, and read at once: told once.
    await receiver.say(later);
    await receiver.say(wrong.replace("7a56", "7a57"));
    await readout.readOne(1);
    expect(completed[1]).toMatchObject({ unread: { atMs: startMs + 11_000 } });
    await receiver.say(later.replace("90e2", "91e2"));
    await readout.readAll();
    expect(completed[2]?.unread).toBeUndefined();
    expect(readout.receptions.find("SEN332255440768")).toMatchObject({ unread: { count: 2 } });
  });

  it("leaves a telegram of another meter, and of another group's receiver, alone", async () => {
    const roof = testReceiver("roof", { group: "air" });
    const cellar = testReceiver("cellar", { group: "below" });
    const { readout, completed } = await started(
      [roof, cellar],
      [meter(1, "33225544AE4C6808"), meter(2, address, undefined, "below")],
    );
    await roof.say(plain);
    await readout.readAll();
    expect(completed).toEqual([]);
    // The same telegram, heard by the meter's own group within the window: a repeat for the list, not for the meter.
    await cellar.say(plain);
    await readout.readAll();
    expect(completed.map(({ meterId }) => meterId)).toEqual([2]);
  });
});

describe("one meter at once", () => {
  it("takes its newest telegram, once, and leaves the others to the cycle", async () => {
    const receiver = testReceiver("roof");
    const { readout, completed, failed } = await started([receiver], [meter(1, address), meter(2, "11111111")]);
    await receiver.say(plain);
    const outcome = await readout.readOne(1);
    expect(outcome?.ok && outcome.readout.telegrams.map(toHex)).toEqual([stored]);
    expect(completed.map(({ meterId }) => meterId)).toEqual([1]);
    expect(await readout.readOne(1)).toMatchObject({ ok: false, reason: "notHeard" });
    expect(await readout.readOne(2)).toMatchObject({ ok: false, reason: "notHeard" });
    expect(await readout.readOne(3)).toBeUndefined();
    // Asked for at once, read since the last cycle: that cycle has nothing to complain of.
    expect(failed).toEqual([]);
    expect(await readout.readAll()).toMatchObject({ read: 1, failed: 1 });
    expect(completed).toHaveLength(1);
  });

  it("is asked for beside the wired ones", async () => {
    const receiver = testReceiver("roof");
    const { readout, completed } = await started([receiver], [meter(7, address)]);
    await receiver.say(plain);
    const asked: number[] = [];
    const wired = {
      readAll: () => readout.readAll(),
      readOne: async (meterId: number) => {
        asked.push(meterId);
        return undefined;
      },
    };
    expect(await joinCycles(wired, readout).readOne(7)).toMatchObject({ ok: true });
    expect([asked, completed.map(({ meterId }) => meterId)]).toEqual([[7], [7]]);
  });
});

describe("telegrams heard twice", () => {
  it("count once, by whichever receiver and repeater; the best link comes first", async () => {
    const roof = testReceiver("roof");
    const cellar = testReceiver("cellar");
    const { readout, completed, clock } = await started([roof, cellar], [meter(1, address)], {
      storeEveryTelegram: true,
    });
    const json = (telegram: string, rssi: number) => JSON.stringify({ telegram, rssi });
    await roof.say(json(plain, -90));
    await cellar.say(json(plain, -60));
    await roof.say(json(repeated, -50));
    expect(completed).toHaveLength(1);
    const found = readout.receptions.find("SEN332255440768");
    expect(found).toMatchObject({ count: 1, isRepeated: true, isEncrypted: false, accessNumber: 0x55 });
    expect(found?.links).toMatchObject([
      { receiver: "roof", rssiDbm: -50, count: 2 },
      { receiver: "cellar", rssiDbm: -60, count: 1 },
    ]);

    // A repeater may wait for longer than the window: the copy is still the same telegram, for the meter.
    await clock.advance(20_000);
    await roof.say(json(repeated, -95));
    expect(completed).toHaveLength(1);
    expect(readout.receptions.find("SEN332255440768")?.links[0]?.receiver).toBe("cellar");
    // A meter that sends the same again has been heard again.
    await clock.advance(20_000);
    await roof.say(json(plain, -95));
    expect(completed).toHaveLength(2);
  });
});

it("a readout has the signal of the receiver that heard its telegram best", async () => {
  const receivers = [testReceiver("roof"), testReceiver("cellar")] as const;
  const { readout, completed } = await started(receivers, [meter(1, address)]);
  const json = (telegram: string, rssi: number) => JSON.stringify({ telegram, rssi });
  const [roof, cellar] = receivers;
  await roof.say(json(plain, -90));
  await cellar.say(json(plain, -60));
  await roof.say(json(repeated, -75));
  await readout.readAll();
  expect(completed.map(({ signalDbm }) => signalDbm)).toEqual([-60]);
});

describe("white and black list", () => {
  it.each([
    [[], ["SEN*"], 0],
    [[], ["???33225544*"], 0],
    [[], ["KAM*"], 1],
    [["KAM*"], [], 0],
    [["sen332255440768"], [], 1],
    [["SEN33225544"], [], 0],
    [["SEN*"], ["SEN3*"], 0],
  ])("whitelist %j, blacklist %j: %i heard", async (whitelist, blacklist, heard) => {
    const receiver = testReceiver("roof");
    const { readout } = await started([receiver], [meter(1, address)], { whitelist, blacklist });
    await receiver.say(plain);
    expect(readout.receptions.size).toBe(heard);
    expect(readout.keptOut).toBe(1 - heard);
    expect(await readout.readAll()).toMatchObject({ read: heard });
  });
});

it("goes on after lines that hold no telegram, and damaged ones", async () => {
  const receiver = testReceiver("roof");
  const { readout } = await started([receiver], [meter(1, address)]);
  for (const line of ["", "hello", "12", `${plain.slice(0, 40)}`, "ff44ae4c44552233", `${plain}00`, "zz"]) {
    await receiver.say(line);
  }
  await receiver.say(fromHex("00ff00ff0a"));
  await receiver.say(plain);
  expect(await readout.readAll()).toMatchObject({ read: 1, failed: 0 });
});

it("hands nothing on after stop", async () => {
  const receiver = testReceiver("roof");
  const { readout, completed, clock } = await started([receiver], [meter(1, address)], { storeEveryTelegram: true });
  const stopping = readout.stop();
  await clock.advance(1000);
  await stopping;
  await receiver.say(plain).catch(() => undefined);
  expect(completed).toEqual([]);
  expect(clock.waiting).toBe(0);
});
