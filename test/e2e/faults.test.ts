import { describe, expect, it } from "vitest";
import { faultsOf, type StoredReading } from "./kill-run.js";

const ledger = new Map([["bus 1", ["aa", "bb", "cc", "dd"]]]);

function stored(...readings: StoredReading[]) {
  return { integrity: "ok", foreignKeyFaults: [], meters: new Map([[16, { name: "bus 1", readings }]]) };
}
const reading = (number: number, ...telegrams: string[]): StoredReading => ({ number, readAtMs: 1000, telegrams });
const shown = (number: number, readAtMs = 1000) => ({ sap: 16, number, readAtMs });

describe("the comparison with the ledger", () => {
  it("finds no fault where telegrams were lost before they were kept", () => {
    expect(faultsOf(stored(reading(1, "aa", "bb"), reading(2, "dd")), ledger, [shown(1), shown(2, 1009)])).toEqual([]);
  });

  it.each([
    ["a reading that was shown and is lost", [reading(1, "aa")], [shown(2)], /reading 2 was shown and is lost/],
    ["another reading than was shown", [reading(1, "aa")], [shown(1, 2000)], /shown with 2000, kept with 1000/],
    ["a telegram that was never sent", [reading(1, "ee")], [], /not in the ledger, or kept twice: ee/],
    ["a telegram kept twice", [reading(1, "aa"), reading(2, "aa")], [], /reading 2: .*kept twice: aa/],
    ["a gap in the numbers", [reading(1, "aa"), reading(3, "bb")], [], /number 3 stands at place 2/],
    ["a reading of nothing", [reading(1)], [], /no telegram/],
  ])("finds %s", (_, readings, seen, fault) => {
    expect(faultsOf(stored(...readings), ledger, seen)).toEqual([expect.stringMatching(fault)]);
  });

  it("finds a database that is not sound", () => {
    expect(faultsOf({ ...stored(), integrity: "row 3 missing" }, ledger, [])).toEqual([
      "integrity_check: row 3 missing",
    ]);
  });
});
