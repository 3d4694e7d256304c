import { describe, expect, it } from "vitest";
import { fromHex } from "../../../cosem/codec/bytes.js";
import { inspectWireless, type WirelessFrame } from "../../../src/mbus/index.js";
import { ReceptionList } from "../../../src/readout/index.js";
import { RepeatWindow, repeatKey } from "../../../src/readout/wireless/repeat-window.js";

const telegramOf = (identification: string) =>
  inspectWireless(fromHex(`1844ae4c${identification}68077a55000000041389e20100023b0000`), "removed");
const by = (nowMs: number, receiver = "roof", rssiDbm = -80) => ({
  receiver,
  rssiDbm: Number.isNaN(rssiDbm) ? undefined : rssiDbm,
  mode: "T",
  nowMs,
  isNew: true,
});

describe("the reception list", () => {
  it("holds so many meters and forgets the one not heard for the longest time", () => {
    const list = new ReceptionList(3);
    for (const [index, identification] of ["01000000", "02000000", "03000000"].entries()) {
      list.note(telegramOf(identification), by(index));
    }
    list.note(telegramOf("01000000"), by(10));
    list.note(telegramOf("04000000"), by(11));
    expect(list.size).toBe(3);
    expect(list.forgotten).toBe(1);
    const { receptions, total } = list.page({ limit: 10 });
    expect(receptions.map(({ identification, number }) => [identification, number])).toEqual([
      ["00000001", 1],
      ["00000003", 3],
      ["00000004", 4],
    ]);
    expect(total).toBe(3);
    expect(receptions[0]).toMatchObject({ firstAtMs: 0, lastAtMs: 10, count: 2 });
  });

  it("is read in pages while it grows", () => {
    const list = new ReceptionList(100);
    for (let index = 1; index <= 5; index++) list.note(telegramOf(`0${index}000000`), by(index));
    const first = list.page({ limit: 2 });
    expect(first.nextAfterNumber).toBe(2);
    list.note(telegramOf("01000000"), by(50));
    const second = list.page({ limit: 10, afterNumber: 2 });
    expect(second.receptions.map(({ number }) => number)).toEqual([3, 4, 5]);
    expect(second.nextAfterNumber).toBeUndefined();
  });

  it("puts a receiver without dBm behind those with, and drops links of yesterday", () => {
    const list = new ReceptionList(10);
    const day = 24 * 3_600_000;
    list.note(telegramOf("01000000"), by(0, "old", -40));
    list.note(telegramOf("01000000"), by(day, "silent", Number.NaN));
    list.note(telegramOf("01000000"), by(day + 1, "weak", -101));
    list.note(telegramOf("01000000"), by(day + 2, "good", -62.5));
    const [reception] = list.page({ limit: 1 }).receptions;
    expect(reception?.links.map(({ receiver }) => receiver)).toEqual(["good", "weak", "silent"]);
  });
});

describe("repeats", () => {
  it("are the same bytes within the window", () => {
    const window = new RepeatWindow(2000);
    expect(window.note("a", "x", 0)).toEqual({ isNew: true, isNewInGroup: true });
    expect(window.note("a", "x", 1999)).toEqual({ isNew: false, isNewInGroup: false });
    expect(window.note("a", "y", 1999)).toEqual({ isNew: false, isNewInGroup: true });
    expect(window.note("a", "x", 2000)).toEqual({ isNew: true, isNewInGroup: true });
    expect(window.note("b", "x", 2000).isNew).toBe(true);
    expect(window.size).toBe(2);
  });

  it("stay few however many are heard, and a clock set back forgets them", () => {
    const window = new RepeatWindow(60_000);
    for (let index = 0; index < 10_000; index++) window.note(String(index), "x", 1000);
    expect(window.size).toBe(4096);
    window.note("z", "x", 500);
    expect(window.size).toBe(1);
  });

  const frame = (bytes: string): WirelessFrame["bytes"] => fromHex(bytes);
  it("have the same key with and without the bits a repeater sets", () => {
    const head = "1844ae4c445522336807";
    // Extended link layer: hop count 10h and repeated access 02h of CC; configuration words: bit 0.
    expect(repeatKey(frame(`${head}8c0055aa`))).toBe(repeatKey(frame(`${head}8c1255aa`)));
    expect(repeatKey(frame(`${head}8c0055aa`))).not.toBe(repeatKey(frame(`${head}8c2055aa`)));
    expect(repeatKey(frame(`${head}7a55000005aa`))).toBe(repeatKey(frame(`${head}7a55000105aa`)));
    expect(repeatKey(frame(`${head}72${"11".repeat(8)}55000005`))).toBe(
      repeatKey(frame(`${head}72${"11".repeat(8)}55000105`)),
    );
    expect(repeatKey(frame(`${head}7a`))).not.toBe(repeatKey(frame(`${head}7b`)));
  });
});
