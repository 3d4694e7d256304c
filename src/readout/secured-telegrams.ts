/** Encrypted telegrams of wired meters: opened with the meter's key before anyone else sees them. */
import {
  type AesKey,
  DecodeError,
  isSecured,
  type MeterTarget,
  openSecured,
  type SecondaryAddress,
  type WirelessAddress,
  wirelessAddressOf,
} from "../mbus/index.js";

export type TelegramsInPlain =
  | { readonly ok: true; readonly telegrams: readonly Uint8Array[] }
  | { readonly ok: false; readonly words: string };

/**
 * @param applicationData  from the CI field on
 * @param meter  whose telegram it is, where a short header leaves it open
 * @returns the telegram itself when it is in plain, else CI 72 with a long header and plain records
 * @throws DecodeError `keyRequired`, `wrongKey`, `badMac` and others of openSecured()
 */
export function inPlain(
  applicationData: Uint8Array,
  key: AesKey | undefined,
  meter: SecondaryAddress | undefined,
): Uint8Array {
  if (!isSecured(applicationData)) return applicationData;
  return openSecured(applicationData, () => key, senderOf(meter)).applicationData;
}

/** All telegrams of a readout, or none: half a readout would look like a whole one. */
export function allInPlain(
  telegrams: readonly Uint8Array[],
  key: AesKey | undefined,
  meter: SecondaryAddress | undefined,
): TelegramsInPlain {
  try {
    return { ok: true, telegrams: telegrams.map((telegram) => inPlain(telegram, key, meter)) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { ok: false, words: `${wordsOf(error)}: ${error.message}` };
  }
}

function wordsOf({ reason }: DecodeError): string {
  if (reason === "keyRequired")
    return "The meter encrypts its telegrams, and no key fits it: import one, or link one to it";
  if (reason === "wrongKey")
    return "The meter encrypts its telegrams, and its key does not open them; give it another one";
  return "The meter secures its telegrams, and they could not be opened";
}

/** The whole address a meter is selected by, or known to have at its primary one; undefined with wildcards in it. */
export function addressOfTarget(target: MeterTarget): SecondaryAddress | undefined {
  const address = target.kind === "secondary" ? target.mask : target.expected;
  if (address === undefined) return undefined;
  const hasWildcard =
    address.subarray(0, 4).some((byte) => byte >> 4 === 0xf || (byte & 0xf) === 0xf) ||
    address.subarray(4).includes(0xff);
  return hasWildcard ? undefined : address;
}

function senderOf(meter: SecondaryAddress | undefined): WirelessAddress | undefined {
  return meter === undefined ? undefined : wirelessAddressOf(meter);
}
