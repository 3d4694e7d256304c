import { type Document, isNode } from "yaml";
import type { FoundProblem } from "./reader.js";
import type { Settings } from "./schema.js";

/** What only shows when settings are seen together: names that must differ, names that must exist. */
export function relationProblems(settings: Settings, document: Document.Parsed): readonly FoundProblem[] {
  const problems: FoundProblem[] = [];
  const report = (keys: readonly (string | number)[], message: string) => {
    const path = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
    problems.push({ path: path.slice(1), offset: offsetAt(document, keys), message });
  };

  const interfaces = new Set<string>();
  for (const [index, { name }] of settings.interfaces.entries()) {
    if (interfaces.has(name)) report(["interfaces", index, "name"], `"${name}" names another interface already`);
    interfaces.add(name);
  }

  const meters = new Map<string, number>();
  for (const [index, meter] of settings.meters.entries()) {
    const keys = ["meters", index];
    if (!interfaces.has(meter.interface)) {
      const known = interfaces.size === 0 ? "none is given under interfaces" : `known: ${[...interfaces].join(", ")}`;
      report([...keys, "interface"], `there is no interface "${meter.interface}"; ${known}`);
    }
    if ((meter.secondaryAddress === undefined) === (meter.primaryAddress === undefined)) {
      report(keys, "wants either secondaryAddress or primaryAddress");
      continue;
    }
    const address = `${meter.interface}/${meter.secondaryAddress?.toUpperCase() ?? meter.primaryAddress}`;
    const first = meters.get(address);
    if (first !== undefined) report(keys, `has the same interface and address as meters[${first}]`);
    meters.set(address, first ?? index);
  }

  const reports = new Set<string>();
  for (const [index, { name }] of settings.reports.entries()) {
    if (reports.has(name)) report(["reports", index, "name"], `"${name}" names another report already`);
    reports.add(name);
  }

  const ports = new Map<number, string>();
  for (const [name, door] of Object.entries(settings.doors)) {
    // Port 0 takes any free port: never the same twice.
    if (!door.enabled || door.port === 0) continue;
    const taken = ports.get(door.port);
    if (taken !== undefined) report(["doors", name, "port"], `${door.port} is the port of doors.${taken} too`);
    ports.set(door.port, taken ?? name);
  }
  return problems;
}

/** Where the setting stands, or the nearest thing around it that does. */
function offsetAt(document: Document.Parsed, keys: readonly (string | number)[]): number {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = document.getIn(keys.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
