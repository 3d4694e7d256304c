/** Who answered an enhanced selection: the fabrication number (VIF 78) that the telegram itself carries. */
import { DecodeError, toHex } from "../../../cosem/codec/bytes.js";
import type { DataRecord } from "../record.js";
import { decodeApplication } from "./decode.js";

/** `unproven`: the telegram names no fabrication number, or cannot be decoded. */
export type FabricationProof = "same" | "other" | "unproven";

/** An enhanced selection sends so many digits; of longer numbers the last ones count. */
const digitCount = 8;

/**
 * Is the sender the one that an enhanced selection named? Never throws.
 * @param applicationData  in plain, from the CI field on
 * @param wanted  4 bytes BCD, least significant first, F for a digit that does not matter
 */
export function provesFabricationNumber(applicationData: Uint8Array, wanted: Uint8Array): FabricationProof {
  const pattern = new RegExp(`^${toHex(Uint8Array.from(wanted).reverse()).replaceAll("f", "\\d")}$`);
  const numbers = fabricationNumbersOf(applicationData);
  if (numbers.length === 0) return "unproven";
  return numbers.some((number) => pattern.test(number)) ? "same" : "other";
}

/** Of the meter itself, each as its last eight decimal digits: what hangs on it (subunits) has numbers of its own. */
function fabricationNumbersOf(applicationData: Uint8Array): readonly string[] {
  try {
    return decodeApplication(applicationData)
      .records.filter(isOwnNumber)
      .flatMap(({ value }) => digitsOf(value));
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

function isOwnNumber({ header, storage, tariff, subunit, information, fault }: DataRecord): boolean {
  if (fault !== undefined || information.recordError !== undefined) return false;
  return header.at(-1) === 0x78 && header.length === 2 && storage === 0 && tariff === 0 && subunit === 0;
}

function digitsOf(value: DataRecord["value"]): readonly string[] {
  const text = value.kind === "integer" || value.kind === "text" ? String(value.value).trim() : "";
  return /^\d+$/.test(text) ? [text.padStart(digitCount, "0").slice(-digitCount)] : [];
}
