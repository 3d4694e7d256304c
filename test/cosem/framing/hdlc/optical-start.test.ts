import { describe, expect, it } from "vitest";
import { createOpticalStart, fromHex, type OpticalStartEvent, toHex } from "../../../../cosem/index.js";

// Seven bits and even parity: "/?!" CR LF is AF 3F 21 8D 0A ("/" has five ones, "?" six, "!" two, CR three, LF two).
const requestMessage = "af3f218d0a";
/** ACK 2 Z 2 CR LF for Z = 5 (9600 Bd): 06, B2, 35, B2. */
const acknowledge = "06b235b28d0a";
/** "/XYZ5\2GW" CR LF: 2F 58 59 5A 35 5C 32 47 57 0D 0A with parity. */
const identification = "afd8595a355cb247d78d0a";

const start = () =>
  createOpticalStart({
    manufacturerId: "XYZ",
    identification: "GW",
    baudRate: 9600,
    deviceAddress: "00123",
  });
const words = (events: readonly OpticalStartEvent[]) =>
  events.map((event) =>
    event.kind === "send" ? toHex(event.bytes) : event.kind === "setBaudRate" ? event.baudRate : event.kind,
  );

describe("the sign-on of an optical head (IEC 62056-21, mode E)", () => {
  it("identifies itself, then confirms at the chosen rate, each after the reaction time", () => {
    const machine = start();
    expect(machine.receive(fromHex(`0000${requestMessage}`), 0)).toEqual([]);
    expect(machine.nextDeadline()).toBe(200);
    expect(machine.expire(199)).toEqual([]);
    expect(words(machine.expire(200))).toEqual([identification]);
    for (const octet of fromHex(acknowledge)) expect(machine.receive(Uint8Array.of(octet), 900)).toEqual([]);
    expect(words(machine.expire(1100))).toEqual([9600, acknowledge, "started"]);
    expect(machine.nextDeadline()).toBeUndefined();
  });

  it("takes a lower rate, not a higher one, and no other mode", () => {
    const begun = () => {
      const machine = start();
      machine.receive(fromHex(requestMessage), 0);
      machine.expire(200);
      return machine;
    };
    const lower = begun();
    lower.receive(fromHex("06b2b4b28d0a"), 300);
    expect(words(lower.expire(500))).toEqual([4800, "06b2b4b28d0a", "started"]);
    for (const refused of ["06b236b28d0a", "063035308d0a", "06b235308d0a"]) {
      const machine = begun();
      machine.receive(fromHex(refused), 300);
      expect(words(machine.expire(500))).toEqual([]);
    }
  });

  it("answers to its own address, zeros before it or not, and not to another's", () => {
    // "/?123!" with 1 = B1, 2 = B2, 3 = 33; "/?0123!" with 0 = 30; "/?124!" with 4 = B4.
    for (const [request, isAnswered] of [
      ["af3fb1b233218d0a", true],
      ["af3f30b1b233218d0a", true],
      ["af3fb1b2b4218d0a", false],
    ] as const) {
      const machine = start();
      machine.receive(fromHex(request), 0);
      expect(machine.expire(200)).toHaveLength(isAnswered ? 1 : 0);
    }
  });

  it("forgets a start whose acknowledgement does not come, and takes none that was not asked for", () => {
    const machine = start();
    machine.receive(fromHex(acknowledge), 0);
    expect(machine.nextDeadline()).toBeUndefined();
    machine.receive(fromHex(requestMessage), 0);
    machine.expire(200);
    expect(machine.nextDeadline()).toBe(3200);
    expect(machine.expire(3200)).toEqual([]);
    machine.receive(fromHex(acknowledge), 3300);
    expect(machine.nextDeadline()).toBeUndefined();
  });

  it("does not hear its own light, and does not grow on noise", () => {
    const machine = start();
    machine.receive(fromHex(requestMessage), 0);
    machine.receive(fromHex(identification), 100);
    expect(words(machine.expire(200))).toEqual([identification]);
    const noisy = start();
    noisy.receive(new Uint8Array(100_000).fill(0x41), 0);
    noisy.receive(fromHex(requestMessage), 0);
    expect(words(noisy.expire(200))).toEqual([identification]);
  });

  it("refuses an identification that would break the line", () => {
    const parts = { manufacturerId: "XYZ", identification: "GW", baudRate: 9600 } as const;
    expect(() => createOpticalStart({ ...parts, identification: "a/b" })).toThrow(RangeError);
    expect(() => createOpticalStart({ ...parts, identification: "a!" })).toThrow(RangeError);
    expect(() => createOpticalStart({ ...parts, identification: "x".repeat(17) })).toThrow(RangeError);
    expect(() => createOpticalStart({ ...parts, manufacturerId: "X1Z" })).toThrow(RangeError);
  });
});
