import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/views/push/encoding.js";
import { readReportLayout } from "../../../src/views/push/index.js";
import { createLocalTime } from "../../../src/views/push/local-time.js";
import { repositoryRoot } from "../../support/repository.js";

const folder = join(repositoryRoot, "obis-maps/reports");

describe("report layouts", () => {
  it.each(readdirSync(folder))("%s is sound and its examples hold", (fileName) => {
    expect(readReportLayout(readFileSync(join(folder, fileName), "utf8"), fileName).title).not.toBe("");
  });

  it("say which example line does not hold", () => {
    const text = readFileSync(join(folder, "x115.yaml"), "utf8").replace(";959.160;", ";959.16;");
    const line = text.split("\n").findIndex((row) => row.includes("959.16;")) + 1;
    expect(() => readReportLayout(text, "x115.yaml")).toThrow(
      `x115.yaml:${line}: examples.0.lines.1: the layout gives:`,
    );
  });

  it("refuse a column that shows what nobody knows", () => {
    const text = readFileSync(join(folder, "x115.yaml"), "utf8").replace("show: position", "show: colour");
    expect(() => readReportLayout(text, "x115.yaml")).toThrow(/x115\.yaml:8: columns\[1\]\.show: must be one of/);
  });
});

describe("report text", () => {
  it("shows an instant in the gateway's zone, over the change to winter time", () => {
    const time = createLocalTime("Europe/Paris");
    // 2026-10-25: 03:00 CEST becomes 02:00 CET at 01:00 UTC
    expect(time.dateTime(Date.UTC(2026, 9, 25, 0, 59, 59), true)).toBe("2026-10-25 02:59:59+02:00");
    expect(time.dateTime(Date.UTC(2026, 9, 25, 1, 0, 0), true)).toBe("2026-10-25 02:00:00+01:00");
    expect(createLocalTime("America/St_Johns").dateTime(Date.UTC(2026, 0, 1), true)).toBe("2025-12-31 20:30:00-03:30");
    expect(createLocalTime("UTC").compact(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe("20260102030405");
  });

  it.each([
    ["windows-1252", "é€Ÿ\u0081ΩA\u030A😀", "e9809f3f3fc53f"],
    ["iso-8859-1", "é€\u0085", "e93f85"],
    ["utf-8", "é", "c3a9"],
  ] as const)("is encoded as %s, with ? for what does not fit", (encoding, text, hex) => {
    expect(Buffer.from(encodeText(text, encoding)).toString("hex")).toBe(hex);
  });
});
