/** Numbers as text: the server's exact digits, grouped; nothing is scaled or rounded here. */

const thinSpace = "\u202f";

/**
 * @param value  as the server sent it
 * @param scaler  its power of ten: a value of scaler -2 always shows two decimals, so that columns stand still
 */
export function formatValue(value: number | string | null, scaler: number): string {
  if (value === null) return "–";
  const text = typeof value === "number" ? plainText(value) : value;
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null || (typeof value === "string" && scaler === 0 && !/^-?\d{16,}$/.test(value))) return text;
  const [, sign = "", whole = "", fraction = ""] = match;
  const decimals = fraction.padEnd(Math.max(0, -scaler), "0");
  return `${sign === "" ? "" : "\u2212"}${grouped(whole)}${decimals === "" ? "" : `.${decimals}`}`;
}

/** Groups of three from the right; four digits stay together. */
function grouped(whole: string): string {
  return whole.length <= 4 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, thinSpace);
}

function plainText(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 20 }) : text;
}

/** `m3/h` reads `m³/h`. */
export function unitText(unit: string): string {
  return unit.replace(/(?<=m)3/g, "³").replace(/(?<=m)2/g, "²");
}
