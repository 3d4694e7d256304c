// Prints what failed in a JSON report of vitest: node failures.mjs NAME REPORT
import { readFileSync } from "node:fs";

const [name, report] = process.argv.slice(2);
for (const file of JSON.parse(readFileSync(report, "utf8")).testResults) {
  const failed = file.assertionResults.filter((test) => test.status !== "passed");
  if (failed.length === 0 && file.status !== "passed")
    process.stdout.write(`FAILED: ${name}: ${file.name}: ${file.message}\n`);
  for (const test of failed) {
    const why = test.failureMessages.map((message) => message.slice(0, 600)).join("\n");
    process.stdout.write(`FAILED: ${name}: ${file.name}: ${test.fullName} (${test.status})\n${why}\n`);
  }
}
