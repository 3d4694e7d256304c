import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { encodeLongFrame, parseSecondaryAddress } from "../../../src/mbus/index.js";
import { converse, type Dialogue, masterWith, type Responder } from "./dialogue.js";

/** Application data of a meter 12345678, PAD (4024h), version 1, water (07); ends as told. */
function telegram(id = "78563412", ending = "0c7804030201"): string {
  return `72${id}2440010713000000${ending}`;
}
function answer(applicationData: string, address = 2, control = 8): string {
  return toHex(encodeLongFrame(control, address, fromHex(applicationData)));
}
const mask = parseSecondaryAddress("1234567824400107");
const secondary = { kind: "secondary", mask } as const;
const primary = { kind: "primary", address: 2 } as const;
/** SELECT with C = 53: 53+fd+52+78+56+34+12+24+40+01+07 = 322h; with C = 73: 342h. */
const select53 = "680b0b6853fd5278563412244001072216";
const select73 = "680b0b6873fd5278563412244001074216";
const request7b = "107bfd7816";
const request5b = "105bfd5816";

const silent: Responder = () => [];
function hexes(dialogue: Dialogue): string[] {
  return dialogue.requests.map((request) => request.hex);
}
function reasonOf(dialogue: Dialogue): string {
  const { result } = dialogue;
  if (result === undefined || result === "initialised") return String(result);
  return result.ok ? "ok" : result.reason;
}
function telegramsOf(dialogue: Dialogue): string[] {
  const { result } = dialogue;
  return typeof result === "object" && result.ok ? result.telegrams.map(toHex) : [];
}
/** E5 to every SELECT and SND_NKE, `answers` to REQ_UD2 in turn. */
function meter(...answers: readonly string[]): Responder {
  let next = 0;
  return (request) => {
    if (!request.startsWith("107b") && !request.startsWith("105b")) return [{ afterMs: 90, hex: "e5" }];
    const hex = answers[Math.min(next, answers.length - 1)] ?? "";
    next += 1;
    return [{ afterMs: 90, hex }];
  };
}

describe("master, enhanced selection", () => {
  const numbered = { kind: "secondary", mask, fabricationNumber: fromHex("04030201") } as const;
  const isReset = (hex: string) => hex.startsWith("6811");
  it("takes the answer that names the number asked for, as BCD, as an integer or as text", () => {
    // 01020304 in decimal digits is F9190h as a 32-bit integer: 15*65536 + 145*256 + 144 = 1020304.
    for (const record of ["0c7804030201", "047890910f00", "077890910f0000000000", "0d78083430333032303130"]) {
      const dialogue = converse(masterWith(), numbered, meter(answer(telegram("78563412", record))));
      expect(telegramsOf(dialogue), record).toEqual([telegram("78563412", record)]);
      expect(hexes(dialogue).filter(isReset).length).toBe(1);
    }
  });
  it("waits on behind the late answer of its twin", () => {
    const late: Responder = (request) =>
      request.startsWith("107b")
        ? [
            { afterMs: 20, hex: answer(telegram("78563412", "0c7899999999")) },
            { afterMs: 200, hex: answer(telegram()) },
          ]
        : [{ afterMs: 90, hex: "e5" }];
    expect(telegramsOf(converse(masterWith(), numbered, late))).toEqual([telegram()]);
  });
  it("never takes another meter's answer, nor one that names no number", () => {
    const other = converse(masterWith(), numbered, meter(answer(telegram("78563412", "0c7899999999"))));
    expect(reasonOf(other)).toBe("otherFabricationNumber");
    const none = converse(masterWith(), numbered, meter(answer(telegram("78563412", "041301000000"))));
    expect(reasonOf(none)).toBe("noFabricationNumber");
    // That of a thing behind the meter (subunit 1) proves nothing.
    const behind = converse(masterWith(), numbered, meter(answer(telegram("78563412", "8c407804030201"))));
    expect(reasonOf(behind)).toBe("noFabricationNumber");
  });
  it("takes the number from a later telegram, where all are read", () => {
    const [first, second] = [telegram("78563412", "0413010000001f"), telegram()];
    const dialogue = converse(masterWith(), numbered, meter(answer(first), answer(second)));
    expect(telegramsOf(dialogue)).toEqual([first, second]);
  });
});

describe("master, secondary addressing", () => {
  it("selects, then asks with the frame count bit set", () => {
    const dialogue = converse(masterWith(), secondary, meter(answer(telegram())));
    expect(hexes(dialogue)).toEqual([select53, request7b]);
    expect(telegramsOf(dialogue)).toEqual([telegram()]);
  });
  it("ends as soon as the frame is whole: no time-out is paid", () => {
    const dialogue = converse(masterWith(), secondary, meter(answer(telegram())));
    // Two answers after 90 ms each, and 33 bit times at 2400 baud (13.75 ms) between.
    expect(dialogue.endedAtMs - 1000).toBeCloseTo(90 + 13.75 + 90, 5);
  });
  it("tries both C fields for SELECT and says that nobody is there", () => {
    const dialogue = converse(masterWith(), secondary, silent);
    expect(hexes(dialogue)).toEqual([select53, select73]);
    expect(reasonOf(dialogue)).toBe("notSelected");
    // Twice: 17 bytes on the wire (77.9 ms) and 1000 ms of silence; nothing more.
    expect(dialogue.endedAtMs - 1000).toBeLessThan(2 * (78 + 1000) + 14);
  });
  it("repeats a request that was not answered with the same frame count bit", () => {
    let count = 0;
    const dialogue = converse(masterWith(), secondary, (request) => {
      if (request.startsWith("68")) return [{ afterMs: 90, hex: "e5" }];
      count += 1;
      return count === 1 ? [] : [{ afterMs: 90, hex: answer(telegram()) }];
    });
    expect(hexes(dialogue)).toEqual([select53, request7b, request7b]);
    expect(reasonOf(dialogue)).toBe("ok");
  });
  it("toggles the frame count bit for each further telegram", () => {
    const first = telegram("78563412", "0c78040302011f");
    const second = telegram("78563412", "0413000000001f");
    const third = telegram();
    const dialogue = converse(masterWith(), secondary, meter(answer(first), answer(second), answer(third)));
    expect(hexes(dialogue)).toEqual([select53, request7b, request5b, request7b]);
    expect(telegramsOf(dialogue)).toEqual([first, second, third]);
  });
  it("stops at the telegram limit, at a repeated telegram, and after the first when told so", () => {
    const counted: Responder = (request, count) => {
      if (request.startsWith("68")) return [{ afterMs: 90, hex: "e5" }];
      return [{ afterMs: 90, hex: answer(telegram("78563412", `0c78040302${count.toString(16).padStart(2, "0")}1f`)) }];
    };
    const notesOf = (dialogue: Dialogue) =>
      typeof dialogue.result === "object" && dialogue.result.ok ? dialogue.result.notes : [];
    const limited = converse(masterWith({ telegramLimit: 3 }), secondary, counted);
    expect([telegramsOf(limited).length, notesOf(limited)]).toEqual([3, ["telegramLimitReached"]]);
    const automatic = converse(masterWith(), secondary, counted);
    expect(telegramsOf(automatic).length).toBe(32);
    const off = converse(masterWith({ multiTelegram: "off" }), secondary, counted);
    expect([telegramsOf(off).length, notesOf(off)]).toEqual([1, ["moreTelegramsFollow"]]);
    const stuck = converse(masterWith(), secondary, meter(answer(telegram("78563412", "1f"))));
    expect([telegramsOf(stuck).length, notesOf(stuck)]).toEqual([1, ["sameTelegramAgain"]]);
  });
  it("drops a late answer of another meter and takes the right one", () => {
    const late = answer(telegram("11111111"));
    const dialogue = converse(masterWith(), secondary, (request) => {
      if (request.startsWith("68")) return [{ afterMs: 90, hex: "e5" }];
      return [
        { afterMs: 30, hex: late },
        { afterMs: 200, hex: answer(telegram()) },
      ];
    });
    expect(telegramsOf(dialogue)).toEqual([telegram()]);
  });
  it("refuses another meter than the selected one", () => {
    expect(reasonOf(converse(masterWith(), secondary, meter(answer(telegram("11111111")))))).toBe("wrongMeter");
  });
  it("refuses a second telegram of another meter", () => {
    const first = answer(telegram("78563412", "1f"));
    const wildcard = { kind: "secondary", mask: parseSecondaryAddress("FFFFFFFFFFFFFFFF") } as const;
    const dialogue = converse(masterWith(), wildcard, meter(first, answer(telegram("11111111"))));
    expect(reasonOf(dialogue)).toBe("wrongMeter");
  });
  it("tells a collision (wildcards, broken bytes) from noise, and pauses after it", () => {
    const broken: Responder = () => [{ afterMs: 90, hex: "e1" }];
    const wildcard = { kind: "secondary", mask: parseSecondaryAddress("1234567FFFFFFFFF") } as const;
    const collided = converse(masterWith(), wildcard, broken);
    expect(reasonOf(collided)).toBe("collision");
    const [first, second] = collided.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(3500);
    expect(reasonOf(converse(masterWith(), secondary, broken))).toBe("noise");
    // One meter: only who made it is left open.
    const byNumber = { kind: "secondary", mask: parseSecondaryAddress("12345678FFFFFFFF") } as const;
    const damaged = `${answer(telegram()).slice(0, -4)}0016`;
    const disturbed = converse(masterWith(), byNumber, meter(damaged));
    expect(reasonOf(disturbed)).toBe("noise");
    expect(hexes(disturbed).slice(1)).toEqual([request7b, request7b]);
    const [, asked, again] = disturbed.requests;
    expect((again?.atMs ?? 0) - (asked?.atMs ?? 0)).toBeLessThan(3500);
  });
  it("bears stray bytes and its own echo before the answer", () => {
    const dialogue = converse(masterWith(), secondary, (request) => [
      { afterMs: 5, hex: request },
      { afterMs: 80, hex: "fdfc" },
      { afterMs: 90, hex: request.startsWith("68") ? "e5" : answer(telegram()) },
    ]);
    expect(telegramsOf(dialogue)).toEqual([telegram()]);
  });
  it("takes an answer in one-byte pieces and one that pauses", () => {
    const bytes = answer(telegram());
    const pieces = Array.from({ length: bytes.length / 2 }, (_, index) => ({
      afterMs: 900 + index * 60,
      hex: bytes.slice(index * 2, index * 2 + 2),
    }));
    const dialogue = converse(masterWith(), secondary, (request) =>
      request.startsWith("68") ? [{ afterMs: 90, hex: "e5" }] : pieces,
    );
    expect(hexes(dialogue)).toEqual([select53, request7b]);
    expect(telegramsOf(dialogue)).toEqual([telegram()]);
  });
  it("bears an E5 from two slaves at once", () => {
    const dialogue = converse(masterWith(), secondary, (request) =>
      request.startsWith("68") ? [{ afterMs: 90, hex: "e5e5" }] : [{ afterMs: 90, hex: answer(telegram()) }],
    );
    expect(reasonOf(dialogue)).toBe("ok");
  });
  it("ends though bytes trickle in for ever", () => {
    const dialogue = converse(masterWith(), secondary, () =>
      Array.from({ length: 200 }, (_, index) => ({ afterMs: 100 + index * 100, hex: index === 0 ? "68ffff68" : "00" })),
    );
    expect(reasonOf(dialogue)).toBe("noise");
    expect(dialogue.endedAtMs).toBeLessThan(20_000);
  });
});

describe("master, primary addressing", () => {
  it("resets the frame count bit at the first contact and toggles it afterwards", () => {
    const master = masterWith();
    const responder = meter(answer(telegram()));
    // 40+2 = 42h; 7b+2 = 7dh; 5b+2 = 5dh
    expect(hexes(converse(master, primary, responder))).toEqual(["1040024216", "107b027d16"]);
    expect(hexes(converse(master, primary, responder, 60_000))).toEqual(["105b025d16"]);
    expect(hexes(converse(master, primary, responder, 120_000))).toEqual(["107b027d16"]);
  });
  it("resets it again after a failure", () => {
    const master = masterWith();
    converse(master, primary, meter(answer(telegram())));
    expect(reasonOf(converse(master, primary, silent, 60_000))).toBe("noAnswer");
    expect(hexes(converse(master, primary, meter(answer(telegram())), 120_000))).toEqual(["1040024216", "107b027d16"]);
  });
  it("goes on when SND_NKE is not answered", () => {
    const dialogue = converse(masterWith(), primary, (request) =>
      request.startsWith("1040") ? [] : [{ afterMs: 90, hex: answer(telegram()) }],
    );
    expect(reasonOf(dialogue)).toBe("ok");
  });
  it("always or never sends SND_NKE when told so", () => {
    const responder = meter(answer(telegram()));
    const always = masterWith({ sendNke: "always" });
    converse(always, primary, responder);
    expect(hexes(converse(always, primary, responder, 60_000))).toEqual(["1040024216", "107b027d16"]);
    expect(hexes(converse(masterWith({ sendNke: "never" }), primary, responder))).toEqual(["107b027d16"]);
  });
  it("refuses a swapped meter at once", () => {
    const target = { ...primary, expected: mask };
    const dialogue = converse(masterWith(), target, meter(answer(telegram("11111111"))));
    expect(reasonOf(dialogue)).toBe("wrongMeter");
    expect(dialogue.requests.length).toBe(2);
  });
  it("refuses the answer of another address", () => {
    expect(reasonOf(converse(masterWith(), primary, meter(answer(telegram(), 3))))).toBe("wrongMeter");
  });
  it("reports an application error with its code, and tries again when the meter is busy", () => {
    const unspecified = converse(masterWith(), primary, meter("68040468080270007a16"));
    expect(unspecified.result).toMatchObject({ ok: false, reason: "applicationError", applicationErrorCode: 0 });
    const busy = converse(masterWith(), primary, meter("68040468080270088216"));
    expect(busy.result).toMatchObject({ ok: false, reason: "busy", applicationErrorCode: 8 });
    // SND_NKE, then with the other frame count bit (5b+2 = 5dh): the same one asks for the same answer again.
    expect(hexes(busy)).toEqual(["1040024216", "107b027d16", "105b025d16"]);
    expect((busy.requests[2]?.atMs ?? 0) - (busy.requests[1]?.atMs ?? 0)).toBeGreaterThanOrEqual(3500);
    const hasty = converse(masterWith({ collisionIdleMs: 0 }), primary, meter("68040468080270088216"));
    expect((hasty.requests[2]?.atMs ?? 0) - (hasty.requests[1]?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
    const later = converse(masterWith(), primary, meter("68040468080270088216", answer(telegram())));
    expect(reasonOf(later)).toBe("ok");
  });
  it("says when the meter has no data, and that alarm data waits", () => {
    expect(reasonOf(converse(masterWith(), primary, meter("e5")))).toBe("noData");
    // A stray E5 before the telegram, and one among broken bytes: neither says that there are no data.
    expect(reasonOf(converse(masterWith(), primary, meter(`e5${answer(telegram())}`)))).toBe("ok");
    for (const broken of ["0102e50304", "e5010203", "010203e5"]) {
      expect(reasonOf(converse(masterWith(), primary, meter(broken))), broken).not.toBe("noData");
    }
    const alarmed = converse(masterWith(), primary, meter(answer(telegram(), 2, 0x28)));
    expect(alarmed.result).toMatchObject({ ok: true, alarmWaits: true });
  });
  it("keeps the request idle time before each meter", () => {
    const master = masterWith({ requestIdleMs: 1000 });
    const first = converse(master, primary, meter(answer(telegram())));
    const second = converse(master, primary, meter(answer(telegram())), first.endedAtMs);
    expect((second.requests[0]?.atMs ?? 0) - first.endedAtMs).toBeCloseTo(1000, 5);
  });
});

describe("master, whole bus", () => {
  it("sends SND_NKE to all and waits the initialisation idle time", () => {
    const dialogue = converse(masterWith({ initIdleMs: 10_000 }), "initialise", silent);
    // 40+ff = 3fh
    expect(hexes(dialogue)).toEqual(["1040ff3f16"]);
    expect(dialogue.result).toBe("initialised");
    expect(dialogue.endedAtMs).toBeGreaterThanOrEqual(11_000);
  });
  it("ends its job when aborted, and takes the next", () => {
    const master = masterWith();
    master.readMeter(secondary, 0);
    expect(master.abort("stopped")).toMatchObject([{ kind: "finished", result: { ok: false, reason: "stopped" } }]);
    expect(master.nextDeadline()).toBeUndefined();
    expect(reasonOf(converse(master, secondary, meter(answer(telegram()))))).toBe("ok");
  });
});
