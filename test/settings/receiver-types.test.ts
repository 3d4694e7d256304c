import { expect, it } from "vitest";
import { modesOf, receiverTypes } from "../../src/mbus/index.js";
import { formatProblems, loadSettings, receiverTypeNames } from "../../src/settings/index.js";

it("settings name every driver, and no other", () => {
  expect(Object.keys(receiverTypes)).toEqual([...receiverTypeNames]);
});

it.each(receiverTypeNames)("settings take the modes of %s and refuse the others", (type) => {
  const known = modesOf(type);
  for (const mode of ["S", "T", "C", "CT", "N1a", "N1f"] as const) {
    const connection = { kind: "udp" };
    const receivers = [{ name: "stick", type, mode, connection }];
    const checks = { schedule: () => undefined, secondaryAddress: () => undefined };
    const loaded = loadSettings(JSON.stringify({ wireless: { receivers } }), "test", checks);
    // Those that cannot be told have no mode: the setting's default passes.
    const isTaken = known.length === 0 ? !mode.startsWith("N") : known.includes(mode);
    expect([mode, loaded.ok]).toEqual([mode, isTaken]);
    if (!loaded.ok) expect(formatProblems(loaded.problems)).toContain("cannot be told mode N");
  }
});
