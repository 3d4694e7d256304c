import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import {
  createReceiverDriver,
  decodeWirelessFrame,
  type RadioMode,
  type ReceiverDriver,
  type ReceiverEvent,
  type ReceiverTypeName,
  receiverTypes,
} from "../../../src/mbus/index.js";
import { type StreamCase, streamBytes, streamCases, x25, xor } from "./streams.js";

const driverOf = (type: ReceiverTypeName, appendsRssi = false) =>
  createReceiverDriver(type, { mode: "T", appendsRssi });

function summary(events: readonly ReceiverEvent[]) {
  const telegrams = [];
  const rejected = [];
  const answers = [];
  for (const event of events) {
    if (event.kind === "telegram") telegrams.push([toHex(event.bytes), event.rssiDbm, event.mode]);
    else if (event.kind === "rejected") rejected.push(event.reason);
    else answers.push(event.words);
  }
  return { telegrams, rejected, answers };
}

const expected = ({ telegrams, rejected = [], answers = [] }: StreamCase) => ({ telegrams, rejected, answers });
const all = (driver: ReceiverDriver, bytes: Uint8Array) => [...driver.push(bytes), ...driver.flush()];

describe.each(streamCases)("$type: $what", (streamCase) => {
  const bytes = streamBytes(streamCase);
  const { type, appendsRssi } = streamCase;

  it("gives its telegrams", () => {
    const events = all(driverOf(type, appendsRssi), bytes);
    expect(summary(events)).toEqual(expected(streamCase));
    for (const event of events) {
      if (event.kind === "telegram") expect(() => decodeWirelessFrame(event.bytes, event.frameFormat)).not.toThrow();
    }
  });

  it("gives the same cut at every place, and byte by byte", () => {
    for (let place = 0; place <= bytes.length; place++) {
      const driver = driverOf(type, appendsRssi);
      const events = [...driver.push(bytes.subarray(0, place)), ...all(driver, bytes.subarray(place))];
      expect(summary(events)).toEqual(expected(streamCase));
    }
    const driver = driverOf(type, appendsRssi);
    const events = [...bytes].flatMap((byte) => driver.push(Uint8Array.of(byte)));
    expect(summary([...events, ...driver.flush()])).toEqual(expected(streamCase));
  });

  it("keeps nothing behind the end and no hold on the bytes it was given", () => {
    const driver = driverOf(type, appendsRssi);
    const handed = bytes.slice();
    const events = all(driver, handed);
    handed.fill(0);
    expect(summary(events)).toEqual(expected(streamCase));
    expect(driver.pendingBytes).toBe(0);
  });

  it("gives them after garbage of its own kind of line", () => {
    const driver = driverOf(type, appendsRssi);
    const garbage = streamCase.stream.startsWith("text:")
      ? new TextEncoder().encode("\u0000\u0007 what is this\n")
      : fromHex("00010203a5ffc0db");
    driver.push(garbage);
    // The pause between garbage and telegram.
    driver.flush();
    expect(summary(all(driver, bytes)).telegrams).toEqual(streamCase.telegrams);
  });
});

const commandsOf = (type: ReceiverTypeName, mode: RadioMode) => {
  const driver = createReceiverDriver(type, { mode, appendsRssi: false });
  const hex = (commands: ReturnType<ReceiverDriver["startCommands"]>) => commands.map(({ bytes }) => toHex(bytes));
  return { start: hex(driver.startCommands()), reset: hex(driver.resetCommands()) };
};
const ascii = (words: string) => toHex(new TextEncoder().encode(words));
const im = (inner: string) => `a5${inner}${x25(inner)}`;
const amber = (inner: string) => `${inner}${xor(inner)}`;

describe("what is sent", () => {
  it("knows the X-25 check value 906E of the CRC catalogue", () => {
    expect(x25(ascii("123456789"))).toBe("6e90");
  });

  it("sets an iM871A to its mode with signal strength, not to be kept, and resets it", () => {
    expect(commandsOf("im871a", "T")).toEqual({ start: [im("8103080003000338000100")], reset: [im("810700")] });
    expect(commandsOf("im871a", "CT").start).toEqual([im("8103080003000a38000100")]);
  });

  it("wakes an iU891A and sets its mode", () => {
    const wake = "c0".repeat(30);
    const configure = "0903030600000000000000000000".slice(0, 26);
    expect(commandsOf("iu891a", "CT")).toEqual({
      start: [wake, `c0${configure}${x25(configure)}c0`],
      reset: [wake, `c00107${x25("0107")}c0`],
    });
  });

  it("sets an Amber's mode and asks whether it appends the signal; checksum of the manual's reset FF 05 00 FA", () => {
    expect(commandsOf("amb8465", "CT")).toEqual({
      start: [amber("ff040109"), amber("ff0a024501")],
      reset: ["ff0500fa"],
    });
    expect(commandsOf("amb8465", "S").start[0]).toBe(amber("ff040103"));
  });

  // WMBus HCI specification 1.6: N1A is 10, then N2A, N1B …; wmbusmeters tells an AMB3665 02, 04 … for N2a, N2b …
  it.each([
    ["N1a", "0a", "02"],
    ["N1b", "0c", "04"],
    ["N1c", "0e", "06"],
    ["N1d", "10", "08"],
    ["N1e", "12", "0a"],
    ["N1f", "14", "0c"],
  ] as const)("sets an iM170A and an AMB3665 to %s", (mode, linkMode, operationMode) => {
    expect(commandsOf("im871a", mode).start).toEqual([im(`810308000300${linkMode}38000100`)]);
    expect(commandsOf("amb8465", mode).start[0]).toBe(amber(`ff0401${operationMode}`));
  });

  it("tells culfw to report signals and to hear", () => {
    expect(commandsOf("culfw", "T").start).toEqual([ascii("X21\r\n"), ascii("brt\r\n")]);
    expect(commandsOf("culfw", "CT").start).toEqual([ascii("X21\r\n"), ascii("brc\r\n")]);
    expect(commandsOf("culfw", "S").reset).toEqual([ascii("B00\r\n")]);
  });

  it("sends nothing to those that just talk", () => {
    for (const type of ["rc1180", "rtlWmbus", "rtl433", "hexLines", "rawBytes", "elvacoHexdump"] as const) {
      expect(commandsOf(type, "T")).toEqual({ start: [], reset: [] });
    }
  });

  it("says of an answer whether it is a refusal", () => {
    const im871a = driverOf("im871a").push(fromHex(im("81040107")));
    expect(im871a).toEqual([{ kind: "answer", isGood: false, words: "configuration refused (7)" }]);
    expect(driverOf("culfw").push(new TextEncoder().encode("SMODE\n"))).toEqual([
      { kind: "answer", isGood: false, words: "SMODE" },
    ]);
  });

  it("has a rate for every kind", () => {
    expect(Object.values(receiverTypes).map(({ baudRate }) => baudRate)).toEqual([
      57600, 115200, 9600, 38400, 19200, 115200, 115200, 115200, 19200, 115200,
    ]);
  });
});

it("drops a line longer than any telegram", () => {
  const driver = driverOf("hexLines");
  expect(driver.push(new TextEncoder().encode("a".repeat(100_000)))).toEqual([]);
  expect(driver.pendingBytes).toBe(8192);
  expect(driver.push(new TextEncoder().encode("\n"))).toEqual([{ kind: "rejected", reason: "tooLong" }]);
});
