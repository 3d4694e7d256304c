import { describe, expect, it } from "vitest";
import {
  type CaseResult,
  conformanceCases,
  declarePlain,
  formatHtml,
  formatJson,
  formatJunit,
  formatResult,
  formatSummary,
  runConformance,
} from "../../conformance/index.js";
import { fromHex } from "../../cosem/index.js";

const result = (part: Partial<CaseResult>): CaseResult => ({
  verdict: "pass",
  reason: "all is well",
  case: { name: "APPL_OPEN_1", about: "It opens", reference: "IEC 62056-5-3" },
  subject: "client 16 → SAP 1",
  durationMs: 12,
  trace: [{ direction: ">", bytes: fromHex("c001") }],
  ...part,
});
const results = [
  result({}),
  result({ verdict: "fail", reason: `"<b>" & \u0000 'x'`, trace: [{ direction: "<", bytes: fromHex("d80101") }] }),
  result({ verdict: "inconclusive", reason: "not seen" }),
  result({ verdict: "inapplicable", reason: "not declared", subject: "", trace: [] }),
];
const head = { target: "meter:4059, wrapper", startedAt: "2026-11-23T00:00:00.000Z", isPartial: true };
const noCertificate = "no certificate";

describe("reports", () => {
  it("as text show the bytes of what did not pass", () => {
    expect(results.map(formatResult).map((text) => text.includes("d80101"))).toEqual([false, true, false, false]);
    expect(formatSummary(results)).toContain("1 pass, 1 fail, 1 inconclusive, 1 inapplicable");
    expect(formatSummary(results)).toContain(noCertificate);
  });

  it("as JSON hold everything", () => {
    const document = JSON.parse(formatJson(head, results));
    expect(document).toMatchObject({ ...head, summary: { pass: 1, fail: 1, inconclusive: 1, inapplicable: 1 } });
    expect(document.notice).toContain(noCertificate);
    expect(document.results[0]).toEqual({
      case: "APPL_OPEN_1",
      about: "It opens",
      reference: "IEC 62056-5-3",
      subject: "client 16 → SAP 1",
      verdict: "pass",
      reason: "all is well",
      durationMs: 12,
      bytes: ["> c001"],
    });
  });

  it("as JUnit XML are well-formed, whatever a server said", () => {
    const xml = formatJunit(head, results);
    expect(xml).toContain('<testsuites tests="4" failures="1" errors="1">');
    expect(xml).toContain('skipped="1"');
    expect(xml).toContain(noCertificate);
    expect(xml).toContain('<failure message="&quot;&lt;b&gt;&quot; &amp; \uFFFD &#39;x&#39;">');
    expect(xml).toContain('<skipped message="not declared"/>');
    const tags = [...xml.matchAll(/<(\/?)([a-z-]+)[^>]*?(\/?)>/g)].filter(([, , , isEmpty]) => isEmpty !== "/");
    const depth = tags.reduce((sum, [, isEnd]) => sum + (isEnd === "/" ? -1 : 1), 0);
    expect(depth).toBe(0);
  });

  it("as HTML are one page without script or other files", () => {
    const html = formatHtml(head, results);
    expect(html).toContain(noCertificate);
    expect(html).toContain("so far");
    expect(html).toContain("&lt;b&gt;");
    expect(html).toContain("@media print");
    expect(html).toContain("color-scheme: light dark");
    expect(html).not.toMatch(/<script|<link|src=|https?:/);
  });
});

describe("the cases", () => {
  it("have names of their own, and say what and where", () => {
    const names = conformanceCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { about, reference } of conformanceCases) {
      expect(about).toMatch(/^\S.{10,}[^.]$/);
      expect(reference).not.toBe("");
    }
  });

  it.each([
    ["HDLC_", 22],
    ["APPL_", 20],
    ["SYMSEC_0_", 16],
    ["SYMSEC_1_", 16],
    ["SYMSEC_2_", 16],
    ["MULTI_", 3],
    ["PROFILE_", 7],
    ["PUSH_", 2],
  ])("of %s are %i", (family, count) => {
    expect(conformanceCases.filter(({ name }) => name.startsWith(family))).toHaveLength(count);
  });

  it("of the list of naive servers are all here", () => {
    const names = new Set(conformanceCases.map(({ name }) => name));
    const missing = Array.from({ length: 19 }, (_, index) => `NAIVE_${index + 1}`).filter((name) => !names.has(name));
    expect(missing).toEqual([]);
  });
});

it("cancelled, a run returns what it has", async () => {
  const cancel = new AbortController();
  const seen: string[] = [];
  const declaration = declarePlain({ host: "127.0.0.1", port: 1 });
  const run = await runConformance({ declaration, signal: cancel.signal, only: ["APPL_"] }, (one) => {
    seen.push(one.case.name);
    if (seen.length === 3) cancel.abort();
  });
  expect(run.map((one) => one.case.name)).toEqual(seen);
  expect(run).toHaveLength(3);
});
