import { describe, expect, it } from "vitest";
import { createFailedAssociations } from "../../../src/views/dlms/failed-associations.js";

const limits = { failuresPerMinute: 3, firstHoldMs: 1000, longestHoldMs: 4000 };

describe("failed associations of an address", () => {
  it("hold it back for 1, 2, 4 and again 4 seconds once it failed more than three times in a minute", () => {
    const failures = createFailedAssociations(limits);
    expect([0, 1, 2].map((at) => failures.failed("a", at))).toEqual([0, 0, 0]);
    expect([10, 2000, 5000, 10_000].map((at) => failures.failed("a", at))).toEqual([1000, 2000, 4000, 4000]);
    expect([10_000, 12_000, 14_000].map((at) => failures.heldBackMs("a", at))).toEqual([4000, 2000, 0]);
    expect(failures.heldBackMs("b", 10_000)).toBe(0);
  });

  it("are forgiven when it was quiet for long enough", () => {
    const failures = createFailedAssociations(limits);
    for (let at = 0; at < 5; at++) failures.failed("a", at);
    expect([100_000, 100_001, 100_002].map((at) => failures.failed("a", at))).toEqual([0, 0, 0]);
    expect(failures.failed("a", 100_003)).toBe(1000);
  });

  it("never hold back where the limit is 0", () => {
    const failures = createFailedAssociations({ ...limits, failuresPerMinute: 0 });
    expect(Array.from({ length: 100 }, (_, at) => failures.failed("a", at)).some((hold) => hold > 0)).toBe(false);
  });

  it("of more addresses than are remembered forget the oldest", () => {
    const failures = createFailedAssociations(limits);
    for (let at = 0; at < 4; at++) failures.failed("first", at);
    expect(failures.heldBackMs("first", 4)).toBe(999);
    for (let index = 0; index < 10_000; index++) failures.failed(`other${index}`, 4);
    expect(failures.heldBackMs("first", 4)).toBe(0);
  });
});
