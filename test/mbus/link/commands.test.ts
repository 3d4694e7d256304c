import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import {
  applicationReset,
  applicationSelection,
  decodeLinkFrame,
  encodeLongFrame,
  globalReadout,
  type LinkCommand,
  LinkSlave,
  parseSecondaryAddress,
  ResponseTimes,
  readCommand,
  type SlaveCommand,
  setClock,
  setIdentification,
  setPrimaryAddress,
  setSecondaryAddress,
} from "../../../src/mbus/index.js";
import { converse, type Dialogue, masterWith, type Responder } from "./dialogue.js";

const mask = parseSecondaryAddress("1234567824400107");
const secondary = { kind: "secondary", mask } as const;
const primary = { kind: "primary", address: 5 } as const;
const select53 = "680b0b6853fd5278563412244001072216";
const select73 = "680b0b6873fd5278563412244001074216";
const silent: Responder = () => [];
const acknowledging: Responder = () => [{ afterMs: 90, hex: "e5" }];
const send = (hex: string): LinkCommand => ({ kind: "send", applicationData: fromHex(hex) });
const hexes = (dialogue: Dialogue) => dialogue.requests.map((request) => request.hex);

describe("command bytes", () => {
  it("are those of EN 13757-3", () => {
    expect(toHex(applicationReset())).toBe("50");
    expect(toHex(applicationReset(applicationSelection.instantaneousValues))).toBe("5050");
    expect(toHex(setPrimaryAddress(8))).toBe("51017a08");
    expect(toHex(setIdentification("12345678"))).toBe("510c7978563412");
    expect(toHex(setSecondaryAddress(mask))).toBe("5107797856341224400107");
    expect(toHex(globalReadout())).toBe("517f7e");
    // 2008-05-31 23:50, the example of Honeywell's Falcon MJ manual (type F 32 17 1F 15); summer time sets bit 7 of the hour.
    const time = { year: 2008, month: 5, day: 31, hour: 23, minute: 50, summerTime: false };
    expect(toHex(setClock(time))).toBe("51046d32171f15");
    expect(toHex(setClock({ ...time, summerTime: true }))).toBe("51046d32971f15");
  });
  it("refuse what has no coding", () => {
    expect(() => setPrimaryAddress(251)).toThrow(RangeError);
    expect(() => setIdentification("1234567")).toThrow(RangeError);
    expect(() => setSecondaryAddress(mask.subarray(1))).toThrow(RangeError);
    expect(() => applicationReset(256)).toThrow(RangeError);
    expect(() => setClock({ year: 1999, month: 1, day: 1, hour: 0, minute: 0, summerTime: false })).toThrow(RangeError);
    expect(() => masterWith().command(primary, { kind: "setBaudRate", baudRate: 1000 }, 0)).toThrow(RangeError);
  });
  it("are read back by the slave, and nothing else is", () => {
    expect(readCommand(fromHex("5050"))).toEqual({ kind: "applicationReset", subcode: 0x50 });
    expect(readCommand(fromHex("50"))).toEqual({ kind: "applicationReset", subcode: undefined });
    expect(readCommand(fromHex("b8"))).toEqual({ kind: "setBaudRate", baudRate: 300 });
    expect(readCommand(fromHex("bf"))).toEqual({ kind: "setBaudRate", baudRate: 38400 });
    for (const other of ["", "51", "51017afb", "51017a", "510c79785634", "52", "c0", "b7"]) {
      expect([other, readCommand(fromHex(other))]).toEqual([other, undefined]);
    }
  });
});

describe("master, commands", () => {
  it("selects and sends with the frame count bit set", () => {
    const dialogue = converse(masterWith(), { target: secondary, command: send("5050") }, acknowledging);
    // 73+fd+50+50 = 210h
    expect(hexes(dialogue)).toEqual([select53, "6804046873fd50501016"]);
    expect(dialogue.command).toEqual({ ok: true, answer: undefined });
  });
  it("resets the link of a primary address before each command, so that none counts as a repetition", () => {
    const master = masterWith();
    // 73+05+50 = c8h; 40+05 = 45h
    const bytes = ["1040054516", "680303687305" + "50c816"];
    expect(hexes(converse(master, { target: primary, command: send("50") }, acknowledging))).toEqual(bytes);
    expect(hexes(converse(master, { target: primary, command: send("50") }, acknowledging, 60_000))).toEqual(bytes);
  });
  it("repeats a command that was not acknowledged with the same frame count bit, and gives up", () => {
    const dialogue = converse(masterWith(), { target: primary, command: send("50") }, (request) =>
      request.startsWith("10") ? [{ afterMs: 90, hex: "e5" }] : [],
    );
    expect(hexes(dialogue)).toEqual(["1040054516", "68030368730550c816", "68030368730550c816"]);
    expect(dialogue.command).toMatchObject({ ok: false, reason: "noAnswer" });
  });
  it("tells the application error a meter refuses a command with", () => {
    // 08+05+70+01 = 7eh
    const dialogue = converse(masterWith(), { target: primary, command: send("50") }, (request) => [
      { afterMs: 90, hex: request.startsWith("10") ? "e5" : "6804046808057001" + "7e16" },
    ]);
    expect(dialogue.command).toMatchObject({ ok: false, reason: "applicationError", applicationErrorCode: 1 });
  });
  it("sends to all without waiting for an answer", () => {
    const target = { kind: "primary", address: 255 } as const;
    const dialogue = converse(masterWith(), { target, command: send("50") }, silent);
    // 73+ff+50 = 1c2h; 9 bytes at 2400 baud take 41.25 ms
    expect(hexes(dialogue)).toEqual(["68030368" + "73ff50c216"]);
    expect(dialogue.endedAtMs - 1000).toBeCloseTo(41.25, 5);
    expect(dialogue.command).toMatchObject({ ok: true });
  });
  it("asks for alarm data: E5 says there are none", () => {
    const ask: LinkCommand = { kind: "requestAlarm" };
    const none = converse(masterWith(), { target: primary, command: ask }, acknowledging);
    // 7a+05 = 7fh
    expect(hexes(none)).toEqual(["1040054516", "107a057f16"]);
    expect(none.command).toEqual({ ok: true, answer: undefined });
    const alarm = toHex(encodeLongFrame(8, 5, fromHex("7104")));
    const some = converse(masterWith(), { target: secondary, command: ask }, (request) => [
      { afterMs: 90, hex: request.startsWith("68") ? "e5" : alarm },
    ]);
    // 7a+fd = 177h
    expect(hexes(some)).toEqual([select53, "107afd7716"]);
    expect(some.command).toEqual({ ok: true, answer: fromHex("7104") });
  });
  it("reads after an application reset: the frame count bit toggles behind it", () => {
    const master = masterWith();
    const events = master.readMeter(secondary, 0, { before: applicationReset(0x10) });
    expect(events).toMatchObject([{ kind: "send" }]);
    expect(master.receive(fromHex("e5"), 200)).toEqual([]);
    // 73+fd+50+10 = 1d0h; then REQ_UD2 with the bit clear: 5b+fd = 158h
    expect(master.expire(300)).toEqual([{ kind: "send", bytes: fromHex("6804046873fd5010d016") }]);
    master.receive(fromHex("e5"), 500);
    expect(master.expire(600)).toEqual([{ kind: "send", bytes: fromHex("105bfd5816") }]);
  });
});

describe("master, baud rate", () => {
  const faster: LinkCommand = { kind: "setBaudRate", baudRate: 9600 };
  it("hears the E5 at the old rate, sets the line, and hears the meter at the new one", () => {
    const master = masterWith();
    const dialogue = converse(master, { target: primary, command: faster }, acknowledging);
    // 73+05+bd = 135h
    expect(hexes(dialogue)).toEqual(["1040054516", "680303687305bd3516", "1040054516"]);
    expect([dialogue.rates, dialogue.command, master.baudRate]).toEqual([
      [9600],
      { ok: true, answer: undefined },
      9600,
    ]);
  });
  it("selects anew behind 253, where SND_NKE would deselect", () => {
    const dialogue = converse(masterWith(), { target: secondary, command: faster }, acknowledging);
    // 73+fd+bd = 22dh
    expect(hexes(dialogue)).toEqual([select53, "6803036873fdbd2d16", select53]);
  });
  it("goes back when the meter is not heard at the new rate", () => {
    const master = masterWith();
    const refusing: Responder = (_request, count) => (count === 3 || count === 4 ? [] : [{ afterMs: 90, hex: "e5" }]);
    const dialogue = converse(master, { target: primary, command: faster }, refusing);
    expect([dialogue.rates, master.baudRate]).toEqual([[9600, 2400], 2400]);
    expect(dialogue.command).toMatchObject({ ok: false, reason: "baudRateRefused" });
    const lost: Responder = (_request, count) => (count <= 2 ? [{ afterMs: 90, hex: "e5" }] : []);
    const gone = converse(masterWith(), { target: primary, command: faster }, lost);
    expect([gone.rates, gone.command]).toMatchObject([[9600, 2400], { ok: false, reason: "noAnswer" }]);
  });
  it("stays where it is when the command is not acknowledged, and goes back when it is ended in between", () => {
    const dialogue = converse(masterWith(), { target: secondary, command: faster }, silent);
    expect([dialogue.rates, dialogue.command]).toMatchObject([[], { ok: false, reason: "notSelected" }]);
    const master = masterWith();
    master.command({ kind: "primary", address: 255 }, faster, 0);
    expect(master.expire(41.25)).toMatchObject([{ kind: "setBaudRate" }, { kind: "commandFinished" }]);
    master.command(primary, { kind: "setBaudRate", baudRate: 2400 }, 1000);
    master.receive(fromHex("e5"), 1100);
    master.expire(1200);
    master.receive(fromHex("e5"), 1300);
    expect(master.baudRate).toBe(2400);
    expect(master.abort("stopped")).toMatchObject([
      { kind: "setBaudRate", baudRate: 9600 },
      { kind: "commandFinished" },
    ]);
  });
});

describe("master, several meters behind one selection", () => {
  const wildcard = { kind: "secondary", mask: parseSecondaryAddress("1234567FFFFFFFFF") } as const;
  it("takes E5 E5 for a collision, without asking for data", () => {
    for (const answers of [
      [[90, "e5e5"]],
      [
        [90, "e5"],
        [100, "e5"],
      ],
    ] as const) {
      const dialogue = converse(masterWith({ selectionRetries: 0 }), wildcard, () =>
        answers.map(([afterMs, hex]) => ({ afterMs, hex })),
      );
      expect(dialogue.requests.length).toBe(1);
      expect(dialogue.result).toMatchObject({ ok: false, reason: "collision" });
    }
  });
  it("asks all the same where the address is whole: the second E5 may be noise", () => {
    const dialogue = converse(masterWith(), secondary, (request) => [
      { afterMs: 90, hex: request.startsWith("68") ? "e5e5" : toHex(encodeLongFrame(8, 1, fromHex("7878563412"))) },
    ]);
    expect(dialogue.result).toMatchObject({ ok: true });
  });
  it("selects by fabrication number too, and with C = 73 first when told so", () => {
    const target = { ...secondary, fabricationNumber: fromHex("44332211") };
    const dialogue = converse(masterWith({ selectionRetries: 0 }), target, silent);
    // 322h + 0c + 78 + 44+33+22+11 = 450h; L = 11
    expect(hexes(dialogue)).toEqual(["68111168" + "53fd527856341224400107" + "0c7844332211" + "5016"]);
    const first73 = converse(masterWith({ selectControl: 0x73 }), secondary, silent);
    expect(hexes(first73)).toEqual([select73, select53]);
  });
});

describe("learned response times", () => {
  it("never go below the window of EN 13757-2 nor above the setting", () => {
    const times = new ResponseTimes();
    // 330 bits at 2400 baud + 50 ms = 187.5, one byte 4.58, 20 of slack.
    expect(times.timeoutMs(2400, "direct", 1500)).toBeCloseTo(212.08, 1);
    expect(times.timeoutMs(2400, "network", 1500)).toBe(1500);
    times.heard(100);
    expect(times.timeoutMs(2400, "network", 1500)).toBeCloseTo(312.08, 1);
    times.heard(400);
    expect(times.timeoutMs(2400, "direct", 1500)).toBeCloseTo(620, 5);
    expect(times.timeoutMs(2400, "direct", 500)).toBe(500);
    for (let count = 0; count < 64; count++) times.heard(20);
    expect(times.timeoutMs(2400, "direct", 1500)).toBeCloseTo(212.08, 1);
  });
  it("shorten the first try alone", () => {
    const master = masterWith({ responseTimeout: "learned", line: "direct", selectionRetries: 1 });
    const dialogue = converse(master, secondary, silent);
    const [first, second] = dialogue.requests;
    // 77.9 ms on the wire, 212.1 of window; then 77.9 and 1000.
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeCloseTo(290, 0);
    expect(dialogue.endedAtMs - (second?.atMs ?? 0)).toBeCloseTo(1077.9, 0);
  });
});

describe("slave, commands", () => {
  function slave() {
    const heard: SlaveCommand[] = [];
    const one = new LinkSlave({
      primaryAddress: 5,
      secondaryAddress: mask,
      readout: () => [Uint8Array.of(0x78)],
      commanded: (command) => void heard.push(command),
    });
    const ask = (control: number, to: number, hex: string) => {
      const answer = one.receive(decodeLinkFrame(encodeLongFrame(control, to, fromHex(hex))));
      return answer === undefined ? "" : toHex(answer.bytes);
    };
    return { one, heard, ask };
  }
  it("carries out each command once", () => {
    const { one, heard, ask } = slave();
    expect(ask(0x73, 5, "5050")).toBe("e5");
    expect(ask(0x73, 5, "5050")).toBe("e5");
    expect(ask(0x53, 5, "51046d32171f15")).toBe("e5");
    expect(heard).toEqual([
      { kind: "applicationReset", subcode: 0x50 },
      { kind: "setClock", coded: fromHex("32171f15") },
    ]);
    expect(ask(0x73, 5, "510c7999999999")).toBe("e5");
    expect(toHex(one.secondaryAddress)).toBe("9999999924400107");
    expect(ask(0x53, 0xfd, "5299999999ffffffff")).toBe("e5");
    expect(ask(0x73, 0xfd, "5107791111111101020304")).toBe("e5");
    expect(toHex(one.secondaryAddress)).toBe("1111111101020304");
  });
  it("changes its rate and falls back", () => {
    const { one, ask } = slave();
    expect([one.baudRate, ask(0x53, 5, "bd"), one.baudRate]).toEqual([undefined, "e5", 9600]);
    one.fallBack();
    expect(one.baudRate).toBeUndefined();
  });
  it("sets the access demand bit while alarm data wait, and repeats them for the same frame count", () => {
    let alarms = 0;
    const one = new LinkSlave({
      primaryAddress: 5,
      secondaryAddress: mask,
      readout: () => [Uint8Array.of(0x78)],
      alarm: () => Uint8Array.of(0x71, ++alarms),
    });
    const ask = (hex: string) => toHex(one.receive(decodeLinkFrame(fromHex(hex)))?.bytes ?? new Uint8Array());
    // 28+05+78 = a5h
    expect(ask("107b058016")).toBe("68030368" + "280578a516");
    const first = ask("107a057f16");
    expect([ask("107a057f16"), ask("105a055f16") === first]).toEqual([first, false]);
  });
});
