/** What the host checks of settings: addresses that must name one meter. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { settingsChecks } from "../../src/host/settings-checks.js";
import { formatProblems, loadSettings } from "../../src/settings/index.js";
import { runCommand } from "../support/gateway-process.js";

const settingsWith = (secondaryAddress: string) => `interfaces: [{ name: bus, kind: tcp, host: 127.0.0.1, port: 1 }]
meters:
  - { interface: bus, secondaryAddress: "${secondaryAddress}" }
`;

it.each(["FFFFFFFF", "ffffffff", "FFFFFFFFFFFFFFFF", "FFFFFFFF2C2D0107"])(
  "%s names every meter, or any of a kind, and is refused",
  (address) => {
    const loaded = loadSettings(settingsWith(address), "test", settingsChecks);
    expect(loaded.ok).toBe(false);
    if (!loaded.ok) expect(formatProblems(loaded.problems)).toMatch(/meters\[0\].secondaryAddress: .*write its digits/);
  },
);

it.each(["12345678", "123456782C2D0107", "12345678FFFFFFFF", "1234567F"])("%s is taken", (address) => {
  expect(loadSettings(settingsWith(address), "test", settingsChecks).ok).toBe(true);
});

it("settings check says so in a line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "settings-checks-"));
  try {
    const path = join(folder, "settings.yaml");
    writeFileSync(path, settingsWith("FFFFFFFF"));
    const { code, stderr } = await runCommand(["settings", "check", "--config", path]);
    expect(code).toBe(1);
    expect(stderr).toContain("names every meter");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
