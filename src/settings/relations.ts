import { type Document, isNode } from "yaml";
import { dlmsProblems } from "./dlms-relations.js";
import type { FoundProblem } from "./reader.js";
import type { MeterSettings, Settings } from "./schema.js";
import { narrowbandReceivers } from "./wireless.js";

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

  const groups = new Set<string>();
  const receivers = new Set<string>();
  for (const [index, { name, group, type, mode, connection }] of settings.wireless.receivers.entries()) {
    const keys = ["wireless", "receivers", index];
    if (mode.startsWith("N") && !narrowbandReceivers.includes(type)) {
      report([...keys, "mode"], `${type} cannot be told mode N: ${narrowbandReceivers.join(" and ")} can`);
    }
    if (receivers.has(name)) report([...keys, "name"], `"${name}" names another receiver already`);
    if (interfaces.has(group)) report([...keys, "group"], `"${group}" names an interface already`);
    if (connection.kind === "program" && connection.pipeline.length === 0) {
      report([...keys, "connection", "pipeline"], "wants at least one command");
    }
    receivers.add(name);
    groups.add(group);
  }

  const meters = new Map<string, readonly { index: number; fabricationNumber: string | undefined }[]>();
  const fixedRate = new Map(
    settings.interfaces.filter(({ kind }) => kind === "tcp" || kind === "udp").map(({ name, kind }) => [name, kind]),
  );
  for (const [index, meter] of settings.meters.entries()) {
    const keys = ["meters", index];
    const isWireless = groups.has(meter.interface);
    if (!interfaces.has(meter.interface) && !isWireless) {
      const names = [...interfaces, ...groups];
      const known = names.length === 0 ? "none is given under interfaces" : `known: ${names.join(", ")}`;
      report([...keys, "interface"], `there is no interface "${meter.interface}"; ${known}`);
    }
    const hasBoth = meter.secondaryAddress !== undefined && meter.primaryAddress !== undefined;
    if (hasBoth ? meter.addressingMode !== "primary" : (meter.secondaryAddress ?? meter.primaryAddress) === undefined) {
      report(keys, "wants either secondaryAddress or primaryAddress, or both with addressingMode primary");
      continue;
    }
    for (const problem of meterProblems(meter, isWireless)) report([...keys, ...problem.keys], problem.message);
    const { fabricationNumber } = meter;
    const address = `${meter.interface}/${meter.primaryAddress ?? meter.secondaryAddress?.toUpperCase()}`;
    const others = meters.get(address) ?? [];
    const twin = others.find((other) => !areToldApart(other.fabricationNumber, fabricationNumber));
    if (twin !== undefined) {
      report(keys, `has the same interface and address as meters[${twin.index}]; ${adviceForTwins(meter)}`);
    }
    meters.set(address, [...others, { index, fabricationNumber }]);
    if (meter.baudRate !== undefined && fixedRate.has(meter.interface)) {
      const kind = fixedRate.get(meter.interface);
      const message = `is for meters on an interface of kind serial, rfc2217 or ir; "${meter.interface}" is of kind ${kind}, whose converter keeps its rate: leave it out`;
      report([...keys, "baudRate"], message);
    }
  }

  const reports = new Set<string>();
  for (const [index, { name }] of settings.reports.entries()) {
    if (reports.has(name)) report(["reports", index, "name"], `"${name}" names another report already`);
    reports.add(name);
  }

  const ports = new Map<number, string>();
  const { hdlc } = settings.doors.dlms;
  for (const [name, door] of [...Object.entries(settings.doors), ["dlms.hdlc", hdlc] as const]) {
    // Port 0 takes any free port: never the same twice.
    if (!door.enabled || door.port === 0) continue;
    const taken = ports.get(door.port);
    if (taken !== undefined) {
      report(["doors", ...name.split("."), "port"], `${door.port} is the port of doors.${taken} too`);
    }
    ports.set(door.port, taken ?? name);
  }
  if (hdlc.physicalDevice === 126 || hdlc.physicalDevice === 127) {
    report(["doors", "dlms", "hdlc", "physicalDevice"], `${hdlc.physicalDevice} has a meaning of its own in HDLC`);
  }
  if (hdlc.serial.opticalStart && hdlc.serial.baudRate > 19_200) {
    report(["doors", "dlms", "hdlc", "serial", "baudRate"], "opticalStart can offer 19200 at most");
  }
  for (const { keys, message } of dlmsProblems(settings.doors.dlms)) report(["doors", "dlms", ...keys], message);
  return problems;
}

/** Without a number of its own, a meter answers to the selection of its twin too. */
function areToldApart(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function adviceForTwins({ primaryAddress }: MeterSettings): string {
  return primaryAddress === undefined ? "give both their own fabricationNumber" : "give one of them another address";
}

/** What does not fit together within one meter. */
function* meterProblems(
  meter: MeterSettings,
  isWireless: boolean,
): Generator<{ readonly keys: readonly string[]; readonly message: string }> {
  const { primaryAddress, secondaryAddress, addressingMode, receiverAddress, key } = meter;
  if (meter.fabricationNumber !== undefined && (isWireless || secondaryAddress === undefined)) {
    yield { keys: ["fabricationNumber"], message: "goes with the secondaryAddress of a wired meter" };
  }
  if (meter.baudRate !== undefined && isWireless) {
    yield { keys: ["baudRate"], message: "is for wired meters" };
  }
  if (isWireless && secondaryAddress === undefined) {
    yield { keys: ["primaryAddress"], message: "a wireless meter is known by its secondaryAddress" };
  }
  if (key !== undefined && !/^[0-9a-fA-F]{32}$/.test(key.reveal())) {
    yield { keys: ["key"], message: "wants 32 hex digits" };
  }
  if (primaryAddress !== undefined && secondaryAddress !== undefined && !/^[0-9A-F]{16}$/i.test(secondaryAddress)) {
    yield {
      keys: ["secondaryAddress"],
      message: "wants all 16 digits beside a primaryAddress: they say whose answer it is",
    };
  }
  const given = primaryAddress === undefined ? "secondaryAddress" : "primaryAddress";
  const isPrimary = addressingMode === "primary";
  if (addressingMode !== undefined && isPrimary !== (primaryAddress !== undefined)) {
    yield { keys: ["addressingMode"], message: `does not go with ${given}` };
  }
  if (addressingMode === "esecondary" && isWireless) {
    yield { keys: ["addressingMode"], message: "esecondary is for meters behind a receiver on a wired interface" };
  }
  if (receiverAddress !== undefined && addressingMode !== "esecondary") {
    yield { keys: ["receiverAddress"], message: "goes with addressingMode esecondary" };
  }
}

/** Where the setting stands, or the nearest thing around it that does. */
function offsetAt(document: Document.Parsed, keys: readonly (string | number)[]): number {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = document.getIn(keys.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
