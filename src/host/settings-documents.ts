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
    const marks = [row.restart ? "restart" : "", row.deviceBound ? "device" : ""].filter((mark) => mark !== "");
    return `| \`${row.path}\` | ${row.wanted} | ${standard} | ${marks.join(", ")} | ${row.help} |`;
  });
  return [
    "# Settings",
    "",
    "One YAML file, given with `--config`, else `settings.yaml` of the data directory. Unknown keys are refused with their line; `cosem-gateway settings check` says",
    "what is wrong without starting anything. This page is made by `cosem-gateway settings list --markdown`.",
    "",
    "`restart`: a change is taken up at the next start; `device`: belongs to this one device and is not in configuration",
    "files. Secrets may be written as plain text: the next start replaces them by `enc:…`, sealed under the `master.key` of",
    "the data directory. A running gateway shows and changes all of it: see [files and settings](files.md).",
    "",
    "| setting | what | default | notes | meaning |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function defaultText(row: SettingDocumentation): string {
  return row.default === undefined ? "" : `; default ${JSON.stringify(row.default)}`;
}
