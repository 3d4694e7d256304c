import { type SettingDocumentation, settingsDocumentation } from "../settings/index.js";

/** Every setting as plain text, for the command line. */
export function settingsText(): string {
  return settingsDocumentation()
    .map((row) => `${row.path}\n  ${row.help}\n  ${row.wanted}${defaultText(row)}${row.required ? "; required" : ""}\n`)
    .join("");
}

/** docs/settings.md. */
export function settingsMarkdown(): string {
  const rows = settingsDocumentation().map((row) => {
    const notes = [row.required ? "required" : "", row.secret ? "secret" : ""].filter((note) => note !== "");
    const standard = row.default === undefined ? notes.join(", ") : `\`${JSON.stringify(row.default)}\``;
    return `| \`${row.path}\` | ${row.wanted} | ${standard} | ${row.help} |`;
  });
  return [
    "# Settings",
    "",
    "One YAML file, given with `--config`. Unknown keys are refused with their line; `cosem-gateway settings check` says",
    "what is wrong without starting anything. This page is made by `cosem-gateway settings list --markdown`.",
    "",
    "| setting | what | default | meaning |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function defaultText(row: SettingDocumentation): string {
  return row.default === undefined ? "" : `; default ${JSON.stringify(row.default)}`;
}
