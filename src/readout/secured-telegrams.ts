/** Telegrams of wired meters as the others may read them: what is encrypted opened, what is compact in full. */
import {
  type AesKey,
  DecodeError,
  decodeApplication,
  type MeterTarget,
  openWired,
  type RememberedFormats,
  type SecondaryAddress,
  wirelessAddressOf,
} from "../mbus/index.js";

export type TelegramsInPlain =
  | { readonly ok: true; readonly telegrams: readonly Uint8Array[]; readonly received: readonly Uint8Array[] }
  | { readonly ok: false; readonly words: string };

export interface Opening {
  readonly key: AesKey | undefined;
  /** Whose telegram it is, where a short header leaves it open. */
  readonly meter: SecondaryAddress | undefined;
  /** Record headers for compact frames. */
  readonly formats: RememberedFormats;
}

/**
 * @param applicationData  from the CI field on
 * @returns the telegram itself when it is full and in plain, else one that is; undefined of a format frame, which is
 *   remembered
 * @throws DecodeError `keyRequired`, `wrongKey`, `badMac`, `formatUnknown` and others of openWired()
 */
export function inPlain(applicationData: Uint8Array, { key, meter, formats }: Opening): Uint8Array | undefined {
  const sender = meter && wirelessAddressOf(meter);
  const opened = openWired(applicationData, { keyFor: () => key, sender, formats });
  return opened.kind === "format" ? undefined : opened.applicationData;
}

/** What an answer is, opened; undefined where it is in plain as it was sent, or nothing opens it. */
export function openedAnswer(
  applicationData: Uint8Array,
  { target, key }: { readonly target: MeterTarget; readonly key?: AesKey | undefined },
  formats: RememberedFormats,
): Uint8Array | undefined {
  try {
    const plain = inPlain(applicationData, { key, meter: addressOfTarget(target), formats });
    return plain === applicationData ? undefined : plain;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * All telegrams of a readout, or none: half a readout would look like a whole one. What is full teaches its record
 * headers. `received` is what was sent for each, and behind that the format frames.
 */
export function allInPlain(received: readonly Uint8Array[], opening: Opening): TelegramsInPlain {
  const telegrams: Uint8Array[] = [];
  const sent: Uint8Array[] = [];
  const formatFrames: Uint8Array[] = [];
  try {
    for (const telegram of received) {
      const plain = inPlain(telegram, opening);
      if (plain === undefined) {
        formatFrames.push(telegram);
        continue;
      }
      learn(plain, opening.formats);
      telegrams.push(plain);
      sent.push(telegram);
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { ok: false, words: `${wordsOf(error)}: ${error.message}` };
  }
  if (telegrams.length > 0) return { ok: true, telegrams, received: [...sent, ...formatFrames] };
  return { ok: false, words: "The meter sent the format of its compact frames alone: its next readout can be read" };
}

/** What cannot be decoded teaches nothing; who stores it will say why. */
function learn(telegram: Uint8Array, formats: RememberedFormats): void {
  try {
    formats.learnFrom(decodeApplication(telegram));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

function wordsOf({ reason }: DecodeError): string {
  if (reason === "keyRequired")
    return "The meter encrypts its telegrams, and no key fits it: import one, or link one to it";
  if (reason === "wrongKey")
    return "The meter encrypts its telegrams, and its key does not open them; give it another one";
  if (reason === "formatUnknown")
    return "The meter sends compact frames, and none of its full ones was heard yet: have it send one (application reset)";
  return "The meter secures its telegrams or makes them compact, and they could not be opened";
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
