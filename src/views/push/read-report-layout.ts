import { YamlError } from "../../settings/checked-yaml.js";
import { defaultConventions } from "./contract.js";
import { createLocalTime } from "./local-time.js";
import { type LayoutExample, parseReportLayout, type ReportLayout } from "./report-layout.js";
import { dataRow, headerRow, type RowFormat } from "./report-rows.js";

/**
 * Reads one file of obis-maps/reports/ and proves its examples.
 * @throws YamlError naming each problem with its line
 */
export function readReportLayout(yamlText: string, fileName: string): ReportLayout {
  const { value: layout, lineOf } = parseReportLayout(yamlText, fileName);
  const problems = layout.examples.flatMap((example, index) => {
    const got = exampleLines(layout, example);
    const wrong = got.findIndex((line, position) => line !== example.lines[position]);
    const position = wrong === -1 && got.length !== example.lines.length ? got.length : wrong;
    if (position === -1) return [];
    const path = ["examples", index, "lines", position];
    return [
      { fileName, line: lineOf(path), path: path.join("."), message: `the layout gives: ${got[position] ?? ""}` },
    ];
  });
  if (problems.length > 0) throw new YamlError(problems);
  return layout;
}

function exampleLines(layout: ReportLayout, example: LayoutExample): string[] {
  const conventions = { ...defaultConventions, timeZone: example.timeZone };
  const { gatewaySerial, values, meter, reading } = example;
  const format: RowFormat = { layout, conventions, gatewaySerial, localTime: createLocalTime(example.timeZone) };
  const words = values.map(({ modifiers = [], manufacturerSpecific = false, ...rest }) => ({
    ...rest,
    modifiers,
    manufacturerSpecific,
  }));
  const line = {
    ...reading,
    readAtMs: Date.parse(reading.readAt),
    cells: reading.cells.map((cell) => cell ?? undefined),
  };
  const rows = [headerRow(format, words), dataRow(format, { primaryAddress: undefined, ...meter }, line, words.length)];
  return rows.map((row) => row.trimEnd());
}
