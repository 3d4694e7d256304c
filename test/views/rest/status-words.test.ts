import { describe, expect, it } from "vitest";
import { meterStatusText, registerStatusText, statusText } from "../../../src/views/rest/status-words.js";

describe("meterStatusText", () => {
  it.each([
    [0x00, "ok"],
    [0x01, "busy"],
    [0x02, "application error"],
    [0x04, "low power"],
    [0x18, "permanent error, temporary error"],
    [0x27, "alarm, low power, maker's status 1"],
  ])("says 0x%x as %s", (status, words) => {
    expect(meterStatusText(status)).toBe(words);
  });
});

describe("registerStatusText", () => {
  it.each([
    [0, "ok"],
    [1, "not in the newest reading"],
    [2, "the meter reports an error of this value"],
    [5, "not valid"],
    [0x80, "the meter's clock is off"],
    [0x100, "what came last could not be decrypted"],
    [0x200, "status 512"],
  ])("says %i as %s", (value, words) => {
    expect(registerStatusText({ type: "unsigned", value })).toBe(words);
  });
});

describe("statusText", () => {
  it("takes nothing, zero and empty for ok, and text at its word", () => {
    expect(statusText({ type: "null-data" })).toBe("ok");
    expect(statusText({ type: "long-unsigned", value: 0 })).toBe("ok");
    expect(statusText({ type: "octet-string", value: Uint8Array.of(0, 0) })).toBe("ok");
    expect(statusText({ type: "visible-string", value: "no data" })).toBe("no data");
    expect(statusText({ type: "bit-string", value: { bytes: Uint8Array.of(0xa0), length: 3 } })).toBe("status 101");
  });
});
