import { toHex } from "../../cosem/index.js";
import { type CaseResult, verdicts } from "../case.js";
import { escapeMarkup } from "./markup.js";
import { countVerdicts, notice, partialNotice, type ReportHead } from "./notice.js";

/** One page with everything in it: light and dark, printable, without script. */
export function formatHtml(head: ReportHead, results: readonly CaseResult[]): string {
  const counts = countVerdicts(results);
  const families = byFamily(results);
  const totals = verdicts.map((verdict) => `<li class="${verdict}"><b>${counts[verdict]}</b> ${verdict}</li>`).join("");
  const isLooked = ([, members]: readonly [string, readonly CaseResult[]]) =>
    members.some(({ verdict }) => verdict !== "inapplicable");
  // Families that say nothing about this server stand last.
  const ordered = [...[...families].filter(isLooked), ...[...families].filter((one) => !isLooked(one))];
  const sections = ordered.map(([family, members]) => section(family, members)).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DLMS/COSEM checks of ${escapeMarkup(head.target)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>DLMS/COSEM checks</h1>
<p>${escapeMarkup(head.target)} · ${escapeMarkup(head.startedAt)}</p>
<p class="notice">${notice}${head.isPartial ? ` <b>${partialNotice}</b>` : ""}</p>
<ul class="totals">${totals}</ul>
</header>
<main>
${sections}
</main>
</body>
</html>
`;
}

const familyOf = (result: CaseResult): string => result.case.name.split("_", 1)[0] ?? "";

function byFamily(results: readonly CaseResult[]): ReadonlyMap<string, readonly CaseResult[]> {
  const families = new Map<string, CaseResult[]>();
  for (const result of results) {
    const members = families.get(familyOf(result));
    if (members === undefined) families.set(familyOf(result), [result]);
    else members.push(result);
  }
  return families;
}

function section(family: string, results: readonly CaseResult[]): string {
  const rows = results.map(row).join("\n");
  return `<section>
<h2>${escapeMarkup(family)}</h2>
<table>
<thead><tr><th scope="col">Verdict</th><th scope="col">Case</th><th scope="col">What was seen</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</section>`;
}

function row(result: CaseResult): string {
  const { case: one, verdict, subject, reason, trace } = result;
  const bytes = trace.map((frame) => `${frame.direction} ${toHex(frame.bytes)}`).join("\n");
  const isOpen = verdict === "fail" || verdict === "inconclusive" ? " open" : "";
  const details =
    bytes === ""
      ? ""
      : `<details${isOpen}><summary>${trace.length} frames</summary><pre>${escapeMarkup(bytes)}</pre></details>`;
  const where = subject === "" ? "" : `<br><span class="subject">${escapeMarkup(subject)}</span>`;
  return `<tr class="${verdict}"><td><span class="verdict">${verdict}</span></td><td><b>${escapeMarkup(one.name)}</b>${where}<br>${escapeMarkup(one.about)}<br><span class="reference">${escapeMarkup(one.reference)}</span></td><td>${escapeMarkup(reason)}${details}</td></tr>`;
}

const style = `
:root { color-scheme: light dark; --text: light-dark(#1b1f23, #e6e8ea); --quiet: light-dark(#57606a, #9aa4ae);
  --line: light-dark(#d0d7de, #3a424a); --page: light-dark(#ffffff, #14181c); --raised: light-dark(#f6f8fa, #1c2227);
  --pass: light-dark(#0f6b2f, #5fd08a); --fail: light-dark(#b3261e, #ff8a80);
  --inconclusive: light-dark(#8a5a00, #f0c060); --inapplicable: var(--quiet); }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 2rem auto;
  max-width: 75rem; padding: 0 1rem; }
.notice { border-left: 4px solid var(--inconclusive); padding: .5rem 1rem; background: var(--raised); }
.totals { display: flex; flex-wrap: wrap; gap: 1.5rem; list-style: none; padding: 0; }
.totals b { font-size: 1.5rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .5rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
th:first-child { width: 8.5rem; }
.verdict { font-weight: 600; }
.pass .verdict, .totals .pass { color: var(--pass); }
.fail .verdict, .totals .fail { color: var(--fail); }
.inconclusive .verdict, .totals .inconclusive { color: var(--inconclusive); }
.inapplicable .verdict, .totals .inapplicable { color: var(--inapplicable); }
.subject, .reference, summary { color: var(--quiet); font-size: .85rem; }
pre { font: 12px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--raised);
  padding: .5rem; }
@media screen and (max-width: 45rem) { thead { display: none; } tr, td { display: block; }
  tr { border-top: 1px solid var(--line); padding: .5rem 0; } td { border: 0; padding: .15rem 0; } }
@media print { :root { color-scheme: light; } body { margin: 0; max-width: none; font-size: 10pt; }
  tr { break-inside: avoid-page; } thead { display: table-header-group; } }
`;
