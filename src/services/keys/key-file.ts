/** Keys as a file (PRODUCT.md, row 58): Address, Key, Manufacturer, DeviceType, Version; -1 and * stand for all. */
import { type Column, digitsAt, type FoundColumns, type Sheet, type TableRow, textAt } from "../tables/index.js";
import type { KeyDraft } from "./contract.js";

export type KeyField = "address" | "key" | "manufacturer" | "deviceType" | "version";

export const keyColumns: readonly Column<KeyField>[] = [
  { field: "address", title: "Address", aliases: ["secondaryaddress"] },
  { field: "key", title: "Key", aliases: ["encryptionkey"] },
  { field: "manufacturer", title: "Manufacturer" },
  { field: "deviceType", title: "DeviceType", aliases: ["type", "medium"] },
  { field: "version", title: "Version" },
];

export interface KeyProblem {
  readonly field: KeyField | undefined;
  readonly message: string;
}

export type KeyOfRow =
  | { readonly ok: true; readonly draft: KeyDraft }
  | { readonly ok: false; readonly problems: readonly KeyProblem[] };

/** What the row says of its key is never repeated in a message. */
export function keyOfRow({ cells }: TableRow, columns: FoundColumns<KeyField>): KeyOfRow {
  const problems: KeyProblem[] = [];
  const isAll = (text: string | undefined) => text === undefined || text === "-1" || text === "*";
  const number = (field: "deviceType" | "version"): number | undefined => {
    const text = textAt(cells, columns, field);
    if (text === undefined || isAll(text)) return undefined;
    if (/^\d{1,3}$/.test(text)) return Number(text);
    problems.push({ field, message: `"${text.slice(0, 40)}": a number from 0 to 255 is wanted, or -1 for all` });
    return undefined;
  };
  const address = digitsAt(cells, columns, "address", 8);
  const manufacturer = textAt(cells, columns, "manufacturer");
  const draft: KeyDraft = {
    address: isAll(address) ? undefined : address?.toUpperCase(),
    manufacturer: isAll(manufacturer) ? undefined : manufacturer?.toUpperCase(),
    deviceType: number("deviceType"),
    version: number("version"),
    key: textAt(cells, columns, "key")?.replace(/[\s-]/g, "") ?? "",
  };
  const all = [...problems, ...keyProblems(draft)];
  return all.length === 0 ? { ok: true, draft } : { ok: false, problems: all };
}

export function keyProblems({ address, manufacturer, deviceType, version, key }: KeyDraft): readonly KeyProblem[] {
  const problems: KeyProblem[] = [];
  const wrong = (field: KeyField, message: string) => problems.push({ field, message });
  if (!/^[0-9a-f]{32}$/i.test(key)) {
    wrong(
      "key",
      `32 hex digits are wanted, these are ${key.length} characters${/^[0-9a-f]*$/i.test(key) ? "" : ", not all hex digits"}`,
    );
  }
  if (address !== undefined && !/^[0-9A-F]{8}$/i.test(address)) {
    wrong("address", `"${address.slice(0, 40)}": 8 digits are wanted, or -1 for all`);
  }
  if (manufacturer !== undefined && !/^[A-Z]{3}$/.test(manufacturer)) {
    wrong("manufacturer", `"${manufacturer.slice(0, 40)}": three letters are wanted, or * for all`);
  }
  for (const [field, value] of [
    ["deviceType", deviceType],
    ["version", version],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= 255)) {
      wrong(field, `${value}: a number from 0 to 255 is wanted, or -1 for all`);
    }
  }
  return problems;
}

/** Invented keys. */
export const keyExample: Sheet = {
  name: "Keys",
  rows: [
    keyColumns.map(({ title }) => title),
    ["00000001", "000102030405060708090A0B0C0D0E0F", "KAM", 22, 27],
    ["00000002", "101112131415161718191A1B1C1D1E1F", "*", -1, -1],
    ["-1", "202122232425262728292A2B2C2D2E2F", "KAM", 4, -1],
  ],
};
