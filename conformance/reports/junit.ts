import { toHex } from "../../cosem/index.js";
import type { CaseResult } from "../case.js";
import { escapeMarkup } from "./markup.js";
import { countVerdicts, notice, partialNotice, type ReportHead } from "./notice.js";

/** JUnit XML as CI servers read it: fail is a failure, inconclusive an error, inapplicable skipped. */
export function formatJunit(head: ReportHead, results: readonly CaseResult[]): string {
  const counts = countVerdicts(results);
  const seconds = results.reduce((sum, result) => sum + result.durationMs, 0) / 1000;
  const totals = `tests="${results.length}" failures="${counts.fail}" errors="${counts.inconclusive}"`;
  const suite = `name="DLMS/COSEM ${escapeMarkup(head.target)}" ${totals} skipped="${counts.inapplicable}"`;
  const about = head.isPartial ? `${notice} ${partialNotice}` : notice;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `<testsuite ${suite} timestamp="${escapeMarkup(head.startedAt)}" time="${seconds.toFixed(3)}">`,
    `<properties><property name="notice" value="${escapeMarkup(about)}"/></properties>`,
    ...results.map(testCase),
    "</testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(result: CaseResult): string {
  const { case: one, subject, reason, durationMs } = result;
  const [family = one.name] = one.name.split("_");
  const name = subject === "" ? one.name : `${one.name} [${subject}]`;
  const head = `<testcase classname="${escapeMarkup(family)}" name="${escapeMarkup(name)}" time="${(durationMs / 1000).toFixed(3)}">`;
  const bytes = result.trace.map((frame) => `${frame.direction} ${toHex(frame.bytes)}`).join("\n");
  const detail = escapeMarkup(`${one.about}\n${one.reference}\n${bytes}`);
  const told = escapeMarkup(reason);
  const body = {
    pass: `<system-out>${told}</system-out>`,
    fail: `<failure message="${told}">${detail}</failure>`,
    inconclusive: `<error message="${told}">${detail}</error>`,
    inapplicable: `<skipped message="${told}"/>`,
  }[result.verdict];
  return `${head}${body}</testcase>`;
}
