/** The register map as people read it: one row a line, with what the registry knows of its object. */
import {
  formatAddress,
  type LogicalDevice,
  type LogicalName,
  type Principal,
  type Registry,
  unitSymbol,
} from "../../../cosem/index.js";
import { lineName, type RegisterMap, type ValueForm } from "./register-map.js";
import { createRegisterSpace, type RegisterSpace } from "./register-space.js";
import { type RegisterForm, type RegisterType, registerCount } from "./register-type.js";
import { readScalerUnit } from "./value-source.js";

export interface MapRow {
  readonly address: number;
  readonly registers: number;
  readonly type: RegisterType;
  /** `<device>/<OBIS>/<attribute>`, or e.g. `ageSeconds of GWF…`. */
  readonly shows: string;
  /** Power of ten of one count; undefined while the object is not there. */
  readonly scaler: number | undefined;
  /** Symbol; `` for none. */
  readonly unit: string;
  /** `word swap`, `byte swap`, `× 0.5`. */
  readonly remarks: string;
}

const factUnits = { ageSeconds: "s", quality: "", mbusStatus: "" } as const;

/** Rows in order of address; those of the automatic rule for the meters there are, up to the values they have. */
export function* describeMap(options: {
  registry: Registry;
  map: RegisterMap;
  space: RegisterSpace;
  principal: Principal;
}): Generator<MapRow> {
  const { map } = options;
  const start = map.automatic?.start ?? 0;
  for (const line of map.lines) if (line.address < start) yield describeLine(line, options);
  yield* describeBlocks(options);
  for (const line of map.lines) if (line.address >= start) yield describeLine(line, options);
}

/** The same without a running door. */
export function describeRegisterMap(options: Omit<Options, "space">): Iterable<MapRow> {
  return describeMap({ ...options, space: createRegisterSpace(options) });
}

type Options = Parameters<typeof describeMap>[0];

function describeLine(line: RegisterMap["lines"][number], { registry, principal }: Options): MapRow {
  const row = { address: line.address, registers: registerCount[line.type], type: line.type, shows: lineName(line) };
  if ("show" in line) return { ...row, scaler: 0, unit: factUnits[line.show], remarks: remarksOf(line, undefined) };
  const device = registry.device(line.object.device);
  const scale = device && scaleOf(registry, device, line.object.logicalName, line.object.classId, principal);
  return { ...row, ...scaleColumns(line, scale) };
}

function* describeBlocks({ registry, map, space, principal }: Options): Generator<MapRow> {
  const { automatic } = map;
  if (automatic === undefined) return;
  for (let block = 0; block < automatic.meters; block++) {
    const placed = space.blockAt(block, principal);
    if (placed === undefined) continue;
    const { device } = placed;
    const start = automatic.start + block * automatic.registersPerMeter;
    for (const [index, object] of placed.objects.entries()) {
      const { logicalName, interfaceClass } = object;
      const scale = scaleOf(registry, device, logicalName, interfaceClass.classId, principal);
      for (const form of automatic.forms) {
        yield {
          address: start + index * automatic.registersPerValue + form.at,
          registers: registerCount[form.type],
          type: form.type,
          shows: formatAddress({ device: device.name, logicalName, attributeIndex: 2 }),
          ...scaleColumns(form, scale),
        };
      }
    }
    for (const { at, show, ...form } of automatic.meter) {
      yield {
        address: start + at,
        registers: registerCount[form.type],
        type: form.type,
        shows: `${show} of ${device.name}`,
        scaler: 0,
        unit: factUnits[show],
        remarks: remarksOf(form, undefined),
      };
    }
  }
}

type Scale = { readonly scaler: number; readonly unit: number } | undefined;

function scaleOf(
  registry: Registry,
  device: LogicalDevice,
  name: LogicalName,
  classId: number | undefined,
  principal: Principal,
): Scale {
  const object = device.find(name, classId);
  if (object === undefined) return undefined;
  const scale = readScalerUnit(registry, device, object, principal);
  return scale instanceof Promise ? undefined : scale;
}

function scaleColumns(form: ValueForm, scale: Scale): Pick<MapRow, "scaler" | "unit" | "remarks"> {
  return {
    scaler: form.scaler === "own" ? scale?.scaler : form.scaler,
    unit: scale === undefined ? "" : unitSymbol(scale.unit),
    remarks: remarksOf(form, form),
  };
}

function remarksOf(form: RegisterForm, value: ValueForm | undefined): string {
  const { constant } = value ?? {};
  const factor = constant === undefined ? "" : `× ${constant.integer}e${constant.exponent}`;
  return [form.wordSwap ? "word swap" : "", form.byteSwap ? "byte swap" : "", factor].filter(Boolean).join(", ");
}

/** A Markdown table, for the README and the web page's help. */
export function formatMapTable(rows: Iterable<MapRow>): string {
  const lines = ["| register | type | shows | one count | remarks |", "|---|---|---|---|---|"];
  for (const { address, registers, type, shows, scaler, unit, remarks } of rows) {
    const place = registers === 1 ? `${address}` : `${address}-${address + registers - 1}`;
    const count = scaler === undefined ? "" : scaler === 0 ? `1 ${unit}`.trim() : `10^${scaler} ${unit}`.trim();
    lines.push(`| ${place} | ${type} | ${shows} | ${count} | ${remarks} |`);
  }
  return `${lines.join("\n")}\n`;
}
