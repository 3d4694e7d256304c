/** Scaling as on paper, for tests: the point of a decimal text is moved, nothing is calculated. */

/** @returns integer × 10^scaler without needless zeros: ("2310", -1) is 231, ("1234", 3) is 1234000 */
export function scaledText(integer: string | number | bigint, scaler: number): string {
  const [, sign = "", digits = ""] = /^(-?)(\d+)$/.exec(String(integer)) ?? [];
  if (scaler >= 0) return plain(`${sign}${digits}${"0".repeat(scaler)}`);
  const padded = digits.padStart(1 - scaler, "0");
  return plain(`${sign}${padded.slice(0, scaler)}.${padded.slice(scaler)}`);
}

/** A decimal text without needless zeros, so that 959.160 and 959.16 are the same. */
export function plain(text: string): string {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  if (whole === "") return `not a number: ${text}`;
  const number = fraction === "" ? whole : `${whole}.${fraction}`;
  return number === "0" ? "0" : `${sign}${number}`;
}
