/** The meter list as a file (PRODUCT.md, rows 33 and 34): the manual's columns and ours, read and written alike. */
import { type Column, digitsAt, type FoundColumns, type Sheet, type TableRow, textAt } from "../tables/index.js";
import type { FieldProblem, KnownInterface } from "./check-meter.js";
import type { MeterDraft, MeterMbusSettings } from "./contract.js";

type MbusField = keyof MeterMbusSettings;
export type MeterField = Exclude<keyof MeterDraft, "mbus"> | MbusField;

export const meterColumns: readonly Column<MeterField>[] = [
  { field: "position", title: "Position", aliases: ["moid", "deviceposition"] },
  { field: "secondaryAddress", title: "SecondaryAddress", aliases: ["secondary", "address", "id"] },
  { field: "manufacturer", title: "Manufacturer" },
  { field: "version", title: "Version" },
  { field: "type", title: "Type", aliases: ["devicetype", "medium"] },
  { field: "primaryAddress", title: "PrimaryAddress", aliases: ["primary"] },
  { field: "baudRate", title: "BaudRate", aliases: ["baud"] },
  { field: "addressingMode", title: "AddressingMode", aliases: ["mode"] },
  { field: "receiver", title: "EnhancedAddress", aliases: ["receiver", "receiveraddress"] },
  { field: "interfaceName", title: "Interface", aliases: ["interfacename", "bus"] },
  { field: "fabricationNumber", title: "FabricationNumber" },
  { field: "state", title: "State", aliases: ["status"] },
  { field: "multiTelegram", title: "MultiTelegram" },
  { field: "telegramLimit", title: "TelegramLimit", aliases: ["readlimit"] },
  { field: "responseTimeoutMs", title: "ResponseTimeoutMs" },
  { field: "readoutRetries", title: "ReadoutRetries" },
  { field: "selectionRetries", title: "SelectionRetries" },
  { field: "collisionIdleMs", title: "CollisionIdleMs" },
  { field: "requestIdleMs", title: "RequestIdleMs" },
];

const mbusNumbers = [
  "telegramLimit",
  "responseTimeoutMs",
  "readoutRetries",
  "selectionRetries",
  "collisionIdleMs",
  "requestIdleMs",
] as const satisfies readonly MbusField[];

const modes: Readonly<Record<string, MeterDraft["addressingMode"]>> = {
  primary: "primary",
  secondary: "secondary",
  esecondary: "esecondary",
  esecundary: "esecondary",
  enhancedsecondary: "esecondary",
  wireless: "wireless",
  elvacowirelessmbus: "wireless",
};

export interface MeterOfRow {
  /** Without what the row leaves empty. */
  readonly draft: MeterDraft;
  readonly problems: readonly (FieldProblem & { readonly column: MeterField })[];
}

/** One row as a meter; an empty cell says nothing. */
export function meterOfRow({ cells }: TableRow, columns: FoundColumns<MeterField>): MeterOfRow {
  const problems: (FieldProblem & { readonly column: MeterField })[] = [];
  const wrong = (column: MeterField, message: string) => problems.push({ field: undefined, column, message });
  const text = (field: MeterField) => textAt(cells, columns, field);
  const number = (field: MeterField): number | undefined => {
    const written = text(field);
    if (written === undefined) return undefined;
    if (/^\d{1,9}$/.test(written)) return Number(written);
    wrong(field, `"${shown(written)}": a whole number is wanted`);
    return undefined;
  };
  const choice = <Value>(
    field: MeterField,
    known: Readonly<Record<string, Value>>,
    wanted: string,
  ): Value | undefined => {
    const written = text(field)
      ?.toLowerCase()
      .replace(/[^a-z]/g, "");
    if (written === undefined) return undefined;
    if (!Object.hasOwn(known, written)) wrong(field, `"${shown(text(field) ?? "")}": ${wanted} is wanted`);
    return known[written];
  };

  const mbus: Record<string, string | number> = {};
  const multi = choice("multiTelegram", { off: "off", auto: "auto" } as const, "off or auto");
  if (multi !== undefined) mbus["multiTelegram"] = multi;
  for (const field of mbusNumbers) {
    const value = number(field);
    if (value !== undefined) mbus[field] = value;
  }
  const secondaryAddress = digitsAt(cells, columns, "secondaryAddress", 8)?.toUpperCase();
  const primaryAddress = number("primaryAddress");
  const mode = choice("addressingMode", modes, "primary, secondary, esecondary or wireless");
  // Secondary is preferred where a row has both and does not say.
  const addressingMode =
    mode ?? (secondaryAddress !== undefined && primaryAddress !== undefined ? "secondary" : undefined);
  const given: MeterDraft = {
    position: text("position"),
    secondaryAddress,
    manufacturer: text("manufacturer")?.toUpperCase(),
    version: number("version"),
    type: number("type"),
    primaryAddress,
    baudRate: number("baudRate"),
    addressingMode,
    receiver: digitsAt(cells, columns, "receiver", 8),
    interfaceName: text("interfaceName"),
    fabricationNumber: digitsAt(cells, columns, "fabricationNumber", 8),
    state: choice("state", { active: "active", passive: "passive" } as const, "active or passive"),
    mbus: Object.keys(mbus).length === 0 ? undefined : mbus,
  };
  const draft = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as MeterDraft;
  return { draft, problems };
}

const shown = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** In the columns of meterColumns. */
export function rowOfMeter(draft: MeterDraft): readonly (string | number)[] {
  const { mbus = {}, ...rest } = draft;
  const values: Readonly<Record<string, unknown>> = { ...rest, ...mbus };
  return meterColumns.map(({ field }) => {
    const value = values[field];
    return typeof value === "number" || typeof value === "string" ? value : "";
  });
}

export function meterSheet(drafts: Iterable<MeterDraft>): Sheet {
  const titles = meterColumns.map(({ title }) => title);
  return { name: "Meters", rows: [titles, ...[...drafts].map(rowOfMeter)] };
}

/** One row of each kind; addresses that no meter has. */
export function exampleMeters(
  wired: KnownInterface = { name: "bus", kind: "wired", baudRate: 2400, canSwitchRate: true },
  wireless?: string,
): readonly MeterDraft[] {
  const { baudRate } = wired;
  const bus = { interfaceName: wired.name, state: "active" } as const;
  const examples: MeterDraft[] = [
    { ...bus, position: "Flat 1, water", secondaryAddress: "00000001", baudRate, addressingMode: "secondary" },
    {
      ...bus,
      position: "Flat 1, heat",
      secondaryAddress: "00000002",
      manufacturer: "KAM",
      version: 8,
      type: 4,
      addressingMode: "secondary",
    },
    { ...bus, position: "Solar", primaryAddress: 5, baudRate, addressingMode: "primary" },
    { ...bus, position: "Flat 2", secondaryAddress: "00000003", addressingMode: "esecondary", receiver: "00000009" },
  ];
  if (wireless === undefined) return examples;
  const radio = { position: "Flat 3, water", secondaryAddress: "00000004", addressingMode: "wireless" } as const;
  return [...examples, { ...radio, interfaceName: wireless, state: "active" }];
}
