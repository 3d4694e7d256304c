import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { encodeLongFrame, type MeterTarget } from "../../../src/mbus/index.js";
import { converse, masterWith } from "./dialogue.js";

const secondary: MeterTarget = { kind: "secondary", mask: fromHex("12000010ffffffff") };
const whole: MeterTarget = { kind: "secondary", mask: fromHex("120000102d2c0807") };
const twin: MeterTarget = {
  kind: "secondary",
  mask: fromHex("12000010ffffffff"),
  fabricationNumber: fromHex("78563412"),
};
const primary: MeterTarget = { kind: "primary", address: 1 };

/** A telegram of KAM with one volume; `1f` behind it: more follows. */
const telegram = (id: string, more: boolean, number = "") =>
  toHex(encodeLongFrame(8, 1, fromHex(`72 ${id} 2d2c0807 01000000 ${number} 0413 05000000 ${more ? "1f" : ""}`)));
const own = "12000010";
const first = telegram(own, true);

describe("a job of the master", () => {
  it.each([
    ["the second telegram is of another meter", secondary, telegram("99999999", false)],
    ["the second telegram is of another meter than the whole address", whole, telegram("99999999", false)],
    ["the meter has no data after it said that more follow", secondary, "e5"],
    ["the second telegram names another fabrication number", twin, telegram(own, false, "0c7811111111")],
  ])("ends where %s, each time anew", (_, target, second) => {
    let requests = 0;
    const { result, requests: sent } = converse(masterWith({ readoutRetries: 3 }), target, (request) => {
      // SND_NKE and SELECT begin anew.
      if (request.startsWith("68") || request.startsWith("1040")) requests = 0;
      else requests += 1;
      if (requests === 0) return [{ afterMs: 50, hex: "e5" }];
      return [{ afterMs: 100, hex: requests === 1 ? first : second }];
    });
    expect(result).toMatchObject({ ok: false });
    expect(sent.length).toBeLessThan(20);
  });

  it("ends within a bounded number of requests, whatever comes back", () => {
    const answers = [
      "e5",
      "",
      first,
      telegram(own, false),
      telegram("99999999", true),
      telegram(own, true, "0c7811111111"),
      telegram(own, true, "0c7878563412"),
      toHex(encodeLongFrame(8, 1, fromHex("7008"))),
      toHex(encodeLongFrame(8, 1, fromHex("7003"))),
      "e5e5",
      `${first.slice(0, -4)}0016`,
      first.slice(0, 20),
    ];
    // At most 32 telegrams; each has its tries, and all of them as many beginnings.
    const tries = 3 + 1;
    const bound = (32 + 2) * tries * tries + 20;
    fc.assert(
      fc.property(
        fc.constantFrom(primary, secondary, whole, twin),
        fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 40 }),
        (target, script) => {
          const { result, requests } = converse(
            masterWith({ readoutRetries: 3, selectionRetries: 3 }),
            target,
            (_, count) => [{ afterMs: 100, hex: script[count % script.length] ?? "" }],
          );
          expect(result).toBeDefined();
          expect(requests.length).toBeLessThanOrEqual(bound);
        },
      ),
      { numRuns: 500 },
    );
  });
});
